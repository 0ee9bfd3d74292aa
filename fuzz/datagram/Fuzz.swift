// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport

/// What libFuzzer calls with bytes that it makes up.
///
/// The first byte says who the others, a datagram, are for: a DTLS session, a DTLS server that does not know the sender,
/// or the client of a SOCKS proxy that relays datagrams. This finds records and headers that a second reading finds
/// otherwise, and a stranger who is answered with more than was sent, or gets a session without a cookie.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let selector = input.first else { return 0 }
  let datagram = Array(input.dropFirst())
  switch selector % 3 {
  case 0: RecordCheck.check(datagram)
  case 1: unsafe AcceptorCheck.shared.check(datagram)
  default: HeaderCheck.check(datagram)
  }
  return 0
}
