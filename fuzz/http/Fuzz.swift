// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import HTTP
import Sockets

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says into pieces of which size the others are cut, with its last but one bit how the client ends,
/// and with its last what it is offered; the others are what it sends. A crash is found by itself; this finds answers
/// that depend on the pieces, answers that are none, and requests that should not have been granted.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let bytes = input.dropFirst()
  let service = selector & 0x80 == 0 ? Offer.text : Offer.files
  let (whole, cut) = (Client(service.makeSession(for: .unnamed)), Client(service.makeSession(for: .unnamed)))
  let end = selector & 0x40 == 0 ? Client<HTTPSession>.End.finishes : .staysSilent
  let answer = Offer.answer(from: whole, to: bytes, in: .whole, end)
  let other = Offer.answer(from: cut, to: bytes, in: Pieces(selector), end)
  precondition(
    answer == other || Offer.withoutVariables(answer) == Offer.withoutVariables(other),
    "the answer depends on the pieces that the request comes in")
  precondition(!Offer.tellsSecrets(answer), "a file is sent that nobody may have")
  if end == .finishes { AnswerCheck.check(answer, to: bytes) }
  return 0
}
