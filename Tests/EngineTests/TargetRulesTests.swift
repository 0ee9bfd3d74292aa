// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

/// Which targets a proxy connects to.
struct TargetRulesTests {
  private static func allows(
    _ rules: TargetRules, _ host: String, _ port: UInt16 = 80, named name: String? = nil
  ) -> Bool {
    IPAddress(host).map { rules.allow($0, port: port, named: name) } ?? false
  }

  private static func network(_ text: String, _ ports: Set<UInt16>? = nil) -> [TargetRules.Rule] {
    Network(text).map { [TargetRules.Rule(.network($0), ports: ports)] } ?? []
  }

  @Test func `without rules everything is allowed`() {
    for host in ["127.0.0.1", "192.0.2.1", "::1"] { #expect(Self.allows(TargetRules(), host)) }
  }

  @Test(arguments: [
    "127.0.0.1", "127.255.0.9", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1", "64:ff9b:1::1", "::ffff:0:127.0.0.1", "2001::1", "2002:7f00:1::",
    "2002:0a00:0001::1",
  ])
  func `private addresses are denied in every spelling`(host: String) {
    var rules = TargetRules()
    rules.protectsPrivate = true
    #expect(!Self.allows(rules, host))
    for other in ["192.0.2.1", "8.8.8.8", "2001:db8::1", "172.32.0.1", "64:ff9b::8.8.8.8"] {
      #expect(Self.allows(rules, other), "\(other)")
    }
    rules.allowed = Self.network("0.0.0.0/0") + Self.network("::/0")
    #expect(Self.allows(rules, host), "what a rule allows is not private")
  }

  @Test func `a wildcard address counts as the loopback`() {
    var rules = TargetRules()
    rules.denied = Self.network("127.0.0.0/8") + Self.network("::1")
    for host in ["0.0.0.0", "::ffff:0.0.0.0", "::", "64:ff9b::", "127.0.0.9"] {
      #expect(!Self.allows(rules, host), "\(host)")
    }
  }

  @Test func `a rule may be about all targets`() {
    var rules = TargetRules()
    rules.denied = [TargetRules.Rule(.any, ports: [25])]
    for host in ["192.0.2.1", "2001:db8::1"] {
      #expect(!Self.allows(rules, host, 25, named: "a.example") && Self.allows(rules, host, 26))
    }
  }

  @Test func `denials take precedence, and ports count`() {
    var rules = TargetRules()
    rules.allowed = Self.network("192.0.2.0/24", [80, 443])
    rules.denied = Self.network("192.0.2.9")
    #expect(Self.allows(rules, "192.0.2.1", 443) && Self.allows(rules, "::ffff:192.0.2.1"))
    #expect(
      !Self.allows(rules, "192.0.2.1", 22) && !Self.allows(rules, "192.0.2.9")
        && !Self.allows(rules, "8.8.8.8"))
  }

  @Test func `a name stands for what is within it`() {
    var rules = TargetRules()
    rules.allowed = [TargetRules.Rule(.name(DomainName("Example.org")), ports: nil)]
    rules.protectsPrivate = true
    #expect(Self.allows(rules, "127.0.0.1", named: "www.example.ORG"))
    #expect(Self.allows(rules, "127.0.0.1", named: "example.org"))
    #expect(!Self.allows(rules, "192.0.2.1", named: "badexample.org") && !Self.allows(rules, "192.0.2.1"))
    rules.allowed = []
    rules.denied = [TargetRules.Rule(.name(DomainName("example.org")), ports: [25])]
    #expect(!Self.allows(rules, "192.0.2.1", 25, named: "a.example.org"))
    #expect(!Self.allows(rules, "192.0.2.1", 25, named: "Example.org."), "the root is part of every name")
    #expect(Self.allows(rules, "192.0.2.1", 26, named: "a.example.org"))
    #expect(rules.deny("a.example.org", port: 25) && !rules.deny("a.example.org", port: 26))
  }
}
