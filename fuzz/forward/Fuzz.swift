// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says into pieces of which size the others are cut, and with its last two bits what they are: the answer
/// of an origin server that a proxy passes on, or the body of a request with a known length or in chunks. This finds an
/// answer that is passed on otherwise than by a second reading, and a body with another end.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let (bytes, pieces) = (input.dropFirst(), Pieces(selector))
  switch selector >> 6 {
  case 0, 1: ResponseCheck.check(bytes, in: pieces)
  case 2: BodyCheck.checkLength(bytes, in: pieces)
  default: BodyCheck.checkChunks(bytes, in: pieces)
  }
  return 0
}
