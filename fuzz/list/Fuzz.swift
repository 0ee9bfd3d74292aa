// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says what the others are: a file of networks, a pattern of addresses, a list of ports, or the rules of
/// a proxy and a target. This finds a list that is not read as by a second reading, and peers, ports and targets that a
/// list has and does not let in, or the other way round.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let bytes = input.dropFirst()
  switch selector % 4 {
  case 0: AccessCheck.check(bytes)
  case 1: PatternCheck.check(bytes)
  case 2: PortCheck.check(bytes)
  default: TargetCheck.check(bytes)
  }
  return 0
}
