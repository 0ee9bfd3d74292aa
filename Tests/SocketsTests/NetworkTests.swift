// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct NetworkTests {
  @Test(arguments: [
    ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
    ("192.0.2.7/24", "192.0.2.8", true), ("192.0.2.128/25", "192.0.2.127", false),
    ("192.0.2.128/25", "192.0.2.200", true), ("0.0.0.0/0", "203.0.113.1", true),
    ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "192.0.2.1", false), ("::/0", "2001:db8::1", true),
    ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1/32", "192.0.2.1", true),
    ("192.0.2.0/31", "192.0.2.1", true), ("2001:db8::/33", "2001:db8:7fff::1", true),
    ("2001:db8::/33", "2001:db8:8000::1", false), ("2001:db8::1", "2001:db8::1", true),
    ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("::ffff:192.0.2.0/120", "192.0.2.9", true),
    ("::ffff:192.0.2.0/120", "192.0.3.9", false), ("127.0.0.0/8", "::1", false),
  ])
  func `an address is in a network or not`(network: String, address: String, isInside: Bool) throws {
    let network = try #require(Network(network))
    #expect(network.contains(try #require(IPAddress(address))) == isInside)
  }

  @Test(arguments: [
    "", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/24/1",
    "192.0.2/24",
    "2001:db8::/129", "::ffff:192.0.2.0/95", "localhost", "192.0.2.0/255.255.255.0",
    "192.0.2.0/99999999999999999999",
    " 192.0.2.0/24", "192.0.2.1\0", "2001:db8::1\0/64", "fe80::1%+1", "fe80::1%lo:1",
  ])
  func `what is no network is refused`(text: String) { #expect(Network(text) == nil) }

  @Test(arguments: [
    ("192.0.2.0/33", "the length of a prefix from 0 to 32 after the slash"),
    ("2001:db8::/129", "the length of a prefix from 0 to 128 after the slash"),
    ("192.0.2.0/", "the length of a prefix from 0 to 32 after the slash"),
    ("a/8", "an address or a network such as 192.0.2.0/24 or 2001:db8::/32"),
    ("::ffff:192.0.2.0/95", "an address or a network such as 192.0.2.0/24 or 2001:db8::/32"),
  ])
  func `what is no network is told what is one`(text: String, expected: String) {
    #expect(Network.expected(insteadOf: text) == expected)
  }
}
