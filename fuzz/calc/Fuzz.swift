// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says into pieces of which size the others are cut, and with its last two bits whom they are for:
/// the service, the client that awaits answers, the one that reads expressions, or the one that talks to a person.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let (bytes, pieces) = (input.dropFirst(), Pieces(selector))
  switch selector >> 6 {
  case 0: ServiceCheck.check(bytes, in: pieces)
  case 1: ExchangeCheck.check(bytes, in: pieces)
  case 2: ExpressionCheck.check(bytes, in: pieces)
  default: ExpressionCheck.session(bytes)
  }
  return 0
}
