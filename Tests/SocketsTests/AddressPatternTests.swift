// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct AddressPatternTests {
  @Test(arguments: [
    (
      "192.168.1-3.*", ["192.168.1.0", "192.168.3.255", "::ffff:192.168.2.7"], ["192.168.4.1", "192.168.0.9"]
    ),
    ("10.0.0.5", ["10.0.0.5"], ["10.0.0.6", "::1"]),
    ("10.-.5-.-9", ["10.0.5.0", "10.255.255.9"], ["10.0.4.0", "10.0.5.10", "11.0.5.0"]),
  ])
  func `an address is in the pattern if each of its numbers is in the range`(
    text: String, members: [String], others: [String]
  ) throws {
    let pattern = try #require(AddressPattern(text))
    for member in members { #expect(pattern.contains(try #require(IPAddress(member))), "\(member)") }
    for other in others { #expect(!pattern.contains(try #require(IPAddress(other))), "\(other)") }
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.x", "1.2.3-1.0", "1.2..4", "1.2.3.1-2-3", "1.2.3.0--0",
    "1.2.3.--0",
    "::1", "*",
  ])
  func `anything else is no pattern`(text: String) { #expect(AddressPattern(text) == nil) }
}
