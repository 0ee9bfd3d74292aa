// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says what the others are: a name and the answer of the C library about it, in both of its forms, a
/// message between a look-up process and its parent, a name beyond ASCII, or lines of names. This finds answers that are
/// passed on otherwise than they were given, and names and messages that a second reading finds otherwise.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let bytes = input.dropFirst()
  switch selector % 5 {
  case 0: LookupCheck.checkEntry(bytes)
  case 1: LookupCheck.checkAddresses(bytes)
  case 2: MessageCheck.check(bytes)
  case 3: NameCheck.check(bytes)
  default: LineCheck.check(bytes, in: Pieces(selector))
  }
  return 0
}
