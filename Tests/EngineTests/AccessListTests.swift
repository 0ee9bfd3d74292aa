// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct AccessListTests {
  private static func list(allow: [String] = [], deny: [String] = []) -> AccessList {
    var list = AccessList()
    list.allowed = allow.isEmpty ? nil : NetworkSet(allow.compactMap { Network($0) })
    list.denied = NetworkSet(deny.compactMap { Network($0) })
    return list
  }

  @Test(arguments: [
    (list(), true), (list(allow: ["192.0.2.0/24"]), true), (list(allow: ["198.51.100.0/24"]), false),
    (list(allow: ["198.51.100.0/24", "192.0.2.7"]), true), (list(deny: ["192.0.2.0/24"]), false),
    (list(deny: ["198.51.100.0/24"]), true), (list(allow: ["192.0.2.7"], deny: ["192.0.2.0/24"]), false),
    (list(allow: ["192.0.2.0/24"], deny: ["192.0.2.8"]), true), (list(allow: ["::/0"]), false),
  ])
  func `who is not denied is admitted if he is allowed, or nobody is in particular`(
    list: AccessList, isAdmitted: Bool
  )
    throws
  {
    #expect(list.admits(.internet(.ipv4([192, 0, 2, 7]), port: 4000)) == isAdmitted)
    let mapped = try #require(IPAddress("::ffff:192.0.2.7"))
    #expect(list.admits(.internet(mapped, port: 4000)) == isAdmitted, "as an IPv6 socket sees it")
  }

  @Test func `a virtual machine is in no network, and a Unix socket is not judged`() {
    let machine = Address.vsock(VsockAddress(VsockAddress.Machine(3), port: 4000))
    #expect(Self.list().admits(machine))
    #expect(Self.list(deny: ["0.0.0.0/0"]).admits(machine))
    #expect(!Self.list(allow: ["0.0.0.0/0", "::/0"]).admits(machine))
    #expect(Self.list(allow: ["192.0.2.0/24"]).admits(.unnamed))
  }

  @Test func `a Unix peer has no address to be judged by`() {
    #expect(Self.list(allow: ["192.0.2.7"], deny: ["::/0"]).admits(.unnamed))
  }

  @Test(arguments: [
    (["192.0.2.*"], [], true), (["198.51.100.*"], [], false), ([], ["192.0.1-3.7"], false),
    (["192.0.2.1-9"], ["192.-.-.7"], false),
  ])
  func `patterns allow and deny like networks`(allow: [String], deny: [String], isAdmitted: Bool) {
    var list = Self.list()
    if !allow.isEmpty { list.allowed = NetworkSet() }
    list.allowedPatterns = allow.compactMap { AddressPattern($0) }
    list.deniedPatterns = deny.compactMap { AddressPattern($0) }
    #expect(list.admits(.internet(.ipv4([192, 0, 2, 7]), port: 4000)) == isAdmitted)
  }
}
