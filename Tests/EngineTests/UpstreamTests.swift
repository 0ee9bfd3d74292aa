// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct UpstreamTests {
  @Test func `an address needs no look-up, a name does`() throws {
    #expect(
      try Upstream(.internet(host: "127.0.0.1", port: "80"), Resolver())
        == .address(.internet(.ipv4([127, 0, 0, 1]), port: 80)))
    #expect(try Upstream(.unix("/run/x"), Resolver()) == .address(.unix(path: "/run/x")))
    #expect(try Upstream(.unix("@x"), Resolver()) == .address(.abstract(name: "x")))
    let name = try Upstream(.internet(host: "host.invalid", port: "80"), Resolver())
    #expect(name == .host("host.invalid", port: 80) && name.name == "host.invalid")
  }

  @Test func `what can be wrong without a look-up is`() {
    let ipv6 = Resolver(family: .ipv6)
    let numeric = Resolver(isNumericOnly: true)
    #expect(throws: Failure.self) {
      try Upstream(.internet(host: "127.0.0.1", port: "80"), ipv6)
    }
    #expect(throws: Failure.self) { try Upstream(.internet(host: "host", port: "80"), numeric) }
    #expect(throws: Failure.self) { try Upstream(.internet(host: "host", port: "65536"), Resolver()) }
  }
}
