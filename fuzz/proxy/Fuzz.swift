// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import Glibc
import Handshakes
import Sockets

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says into pieces of which size the others are cut, and the second which handshake reads them: that of
/// a proxy's client or of the proxy, or the header of the PROXY protocol. A crash is found by itself; this finds an end
/// that depends on the pieces, an answer that is no acceptance by a second reading, and a header that is not what it
/// says.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count >= 2 else { return 0 }
  let kind = onlyPeer ?? Peer.allCases[Int(input[1]) % Peer.allCases.count]
  let bytes = input.dropFirst(2)
  let whole = Reading(kind, bytes, in: .whole)
  let inPieces = Reading(kind, bytes, in: Pieces(input[0]))
  precondition(whole == inPieces, "the end depends on the pieces")
  if case .complete(let taken) = whole.end {
    precondition(kind.accepts(bytes.prefix(taken)), "an answer that is no acceptance is taken for one")
    precondition(taken <= 64 << 10, "more is read than is allowed")
  }
  if let header = whole.header { checkHeader(header, bytes) }
  return 0
}

/// The peer that the variable FUZZ_PEER names, which then reads all inputs.
private let onlyPeer: Peer? = unsafe getenv("FUZZ_PEER").map { name in
  guard let peer = unsafe Peer(rawValue: String(cString: name)) else { fatalError("FUZZ_PEER names no peer") }
  return peer
}

/// Writes a header that was read, and reads it again.
private func checkHeader(_ header: ProxyHeader, _ bytes: ArraySlice<UInt8>) {
  for version in ProxyHeader.Version.allCases {
    var copy = header
    if version == .one { copy.values = [] }
    copy.values.removeAll { $0.type == ProxyHeaderValue.Kind.checksum.rawValue }
    let again = Reading(.header, copy.bytes(version)[...], in: .whole)
    precondition(again.header?.ends == header.ends, "a header is not read as it was written")
  }
}
