// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

/// The text of a rule about the targets of a proxy.
struct TargetRuleSyntaxTests {
  /// Whether a rule is about a target.
  private static func matches(
    _ rule: String, _ address: String, _ port: UInt16, named name: String? = nil
  ) throws -> Bool {
    var rules = TargetRules()
    rules.allowed = [try TargetRules.Rule(rule)]
    return rules.allow(IPAddress(address), port: port, named: name)
  }

  @Test(arguments: [
    "192.0.2.0/24", "192.0.2.7:80", "192.0.2.0/24:22,80-90", "*", "*:80", "Example.org", "example.org:80",
    "[192.0.2.0/24]:80", "[192.0.2.0]/24:80",
  ])
  func `a rule is a network, a name or all, and ports`(rule: String) throws {
    #expect(try Self.matches(rule, "192.0.2.7", 80, named: "www.example.org"))
    #expect(try !Self.matches(rule, "198.51.100.7", 81, named: "example.com") || rule == "*")
  }

  @Test(arguments: [
    "2001:db8::/32", "[2001:db8::/32]", "[2001:db8::]/32", "[2001:db8::1]:80", "[2001:db8::]/32:80",
  ])
  func `a network of IPv6 is in brackets if ports follow`(rule: String) throws {
    #expect(try Self.matches(rule, "2001:db8::1", 80))
    #expect(try !Self.matches(rule, "2001:db9::1", 80))
  }

  /// A variable without a value would otherwise allow all ports, or all of something else.
  @Test(arguments: [
    "", ":", ":80", "*:", "example.org:", "192.0.2.0/24:", "[2001:db8::1]:", "[]", "[]:80", "[", "]", "[::1",
    "[::1]80", "[::1]]", "[[::1]]:80", "exam]ple.org:80", "e[x]ample.org", "[example.org]:80", "[*]:80",
    "example.org:0", "example.org:80,", "127.1", "0x7f000001", "example.org:80:81", "exämple.org", ".",
  ])
  func `anything else is no rule`(rule: String) {
    #expect(throws: TargetRules.Rule.SyntaxError.self) { try TargetRules.Rule(rule) }
  }
}
