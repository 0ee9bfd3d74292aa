// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import Handshakes

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says into pieces of which size the others are cut, and the second in which protocol TLS is asked for;
/// the others are what the server sends. A crash is found by itself; this finds an answer that depends on the pieces,
/// an acceptance that is none by a second reading of the protocols, bytes behind one that are taken for payload, and
/// commands that are not due.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count >= 2 else { return 0 }
  let service = StartTLSProtocol.allCases[Int(input[1]) % StartTLSProtocol.allCases.count]
  let bytes = input.dropFirst(2)
  let whole = Asked(service, bytes, in: .whole)
  let inPieces = Asked(service, bytes, in: Pieces(input[0]))
  let strict = StrictServer(service, bytes)
  if let end = strict.acceptance {
    precondition(
      end == bytes.endIndex ? whole.isAccepted : whole.problem?.contains("in plain") == true,
      "a server that accepts is not understood")
    precondition(
      inPieces.isAccepted || inPieces.problem?.contains("in plain") == true,
      "a server that accepts is not understood in pieces")
    // The end of a piece may be that of the acceptance; then the rest is for TLS, which does not take it for payload.
    precondition(
      !inPieces.isAccepted || inPieces.taken == end - bytes.startIndex, "more is taken than the acceptance")
  } else {
    precondition(
      !whole.isAccepted && !inPieces.isAccepted, "a server that does not accept is taken for one that does")
    precondition(whole.problem?.contains("in plain") != true, "there is no acceptance for bytes to be behind")
    precondition(whole.problem == inPieces.problem, "the answer depends on the pieces")
    precondition((whole.problem != nil) == strict.isHopeless, "a failure is not seen, or seen too early")
  }
  precondition(whole.sent == inPieces.sent, "what is sent depends on the pieces")
  precondition(whole.sent == strict.commands, "what is sent is not due")
  return 0
}
