// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import Testing

struct ServiceLookupTests {
  private static func requireDatabase() throws {
    unsafe try #require(
      access("/etc/services", R_OK) == 0, "the package netbase provides the services database")
  }

  @Test func `a service is found by name, alias and port, for one protocol and for all`() throws {
    try Self.requireDatabase()
    #expect(ServiceDatabase.service(named: "domain", protocol: "udp")?.port == 53)
    #expect(ServiceDatabase.service(named: "www", protocol: "tcp")?.name == "http")
    #expect(ServiceDatabase.service(onPort: 80, protocol: "tcp")?.name == "http")
    #expect(ServiceDatabase.services(named: "domain").map(\.protocol) == ["tcp", "udp"])
    #expect(ServiceDatabase.services(onPort: 53).map(\.name) == ["domain", "domain"])
  }

  @Test func `what the database does not have is not found`() throws {
    try Self.requireDatabase()
    #expect(ServiceDatabase.service(named: "domain", protocol: "nosuch") == nil)
    #expect(ServiceDatabase.service(onPort: 0, protocol: "tcp") == nil)
    #expect(ServiceDatabase.services(named: "nosuch").isEmpty)
    #expect(ServiceDatabase.services(onPort: 0).isEmpty)
  }

  @Test func `the built-in table agrees with the system's database`() throws {
    try Self.requireDatabase()
    for service in WellKnownServices.all {
      guard let known = ServiceDatabase.service(named: service.name, protocol: service.protocol) else {
        continue
      }
      #expect(known.port == service.port, "\(service)")
      for alias in service.aliases {
        #expect(ServiceDatabase.port(of: alias, protocol: service.protocol) == service.port, "\(service)")
      }
    }
  }

  @Test func `the built-in table has every name once for a protocol`() {
    let names = WellKnownServices.all.flatMap { service in
      ([service.name] + service.aliases).map { "\($0)/\(service.protocol)" }
    }
    #expect(Set(names).count == names.count)
    #expect(WellKnownServices.all.contains { $0.isNamed("www") && $0.port == 80 })
  }
}
