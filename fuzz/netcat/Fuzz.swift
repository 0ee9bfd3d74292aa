// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says what the others are: a command line of `nc` or of `ncat`, whose words are separated by NULs, the
/// line of `ncat -e`, a number, or a file of hosts. This finds options that the C library would read otherwise, words
/// and numbers that a second reading finds otherwise, and command lines on which a program crashes.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let bytes = input.dropFirst()
  switch selector % 5 {
  case 0: CommandLineCheck.nc.check(bytes)
  case 1: CommandLineCheck.ncat.check(bytes)
  case 2: WordCheck.checkCommand(bytes)
  case 3: WordCheck.checkNumber(bytes)
  default: WordCheck.checkHosts(bytes)
  }
  return 0
}
