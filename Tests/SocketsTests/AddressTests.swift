// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct AddressTests {
  @Test(arguments: ["127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1%lo"])
  func `a numeric address reads and prints the same`(_ text: String) throws {
    #expect(try #require(IPAddress(text)).description == text)
  }

  @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::g", "fe80::1%nosuch", "fe80::1%"])
  func `anything else is no numeric address`(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test func `an IPv4-mapped address is plain IPv4`() throws {
    let mapped = try #require(IPAddress("::ffff:192.0.2.1"))
    #expect(mapped.unmapped == .ipv4([192, 0, 2, 1]))
    #expect(try #require(IPAddress("::1")).unmapped == IPAddress("::1"))
  }

  @Test func `addresses print as users write them`() throws {
    let ipv6 = try #require(IPAddress("2001:db8::1"))
    #expect("\(Address.internet(.ipv4([192, 0, 2, 1]), port: 80))" == "192.0.2.1:80")
    #expect("\(Address.internet(ipv6, port: 80))" == "[2001:db8::1]:80")
    #expect("\(Address.unix(path: "/run/x.sock"))" == "unix:/run/x.sock")
    #expect("\(Address.abstract(name: "x"))" == "unix:@x")
    #expect("\(Address.vsock(VsockAddress(.host, port: 1234)))" == "vsock:2:1234")
    #expect("\(Address.any(of: .vsock))" == "vsock:any:any")
  }
}

struct EndpointTests {
  @Test(arguments: [
    (["example.org", "80"], Endpoint.internet(host: "example.org", port: "80")),
    (["example.org:http"], .internet(host: "example.org", port: "http")),
    (["[::1]:80"], .internet(host: "::1", port: "80")),
    (["[fe80::1%eth0]:80"], .internet(host: "fe80::1%eth0", port: "80")),
    (["::1", "80"], .internet(host: "::1", port: "80")),
    (["[::1]", "80"], .internet(host: "::1", port: "80")),
    (["5000"], .internet(host: nil, port: "5000")),
    ([":5000"], .internet(host: nil, port: "5000")),
    (["unix:/run/x.sock"], .unix("/run/x.sock")),
    (["unix:@name"], .unix("@name")),
    (["unix:a:b"], .unix("a:b")),
    (["vsock:3:1234"], .vsock(VsockAddress(VsockAddress.Machine(3), port: 1234))),
    (["vsock:host:0"], .vsock(VsockAddress(.host, port: 0))),
    (["vsock:local:4294967294"], .vsock(VsockAddress(.local, port: .max - 1))),
    (["vsock:any:any"], .vsock(.any)),
    (["vsock:4294967295:1"], .vsock(VsockAddress(.any, port: 1))),
  ])
  func `an endpoint is read in every spelling`(_ words: [String], _ endpoint: Endpoint) throws {
    #expect(try Endpoint(words) == endpoint)
  }

  @Test(arguments: [
    [], ["a", "b", "c"], ["host:"], ["[::1]"], ["[::1]:"], ["[]:80"], ["::1:80"], ["unix:"], ["unix:@"],
    ["", ""], ["", "5000"],
    ["host", ""], ["unix:/x", "80"], ["vsock:"], ["vsock:2"], ["vsock:2:"], ["vsock::1"], ["vsock:2:1:1"],
    ["vsock:x:1"], ["vsock:2:http"], ["vsock:-1:1"], ["vsock:2:+1"], ["vsock:2:4294967295"],
    ["vsock:4294967296:1"], ["vsock:2", "1"], ["vsock:2:1", "80"],
  ])
  func `anything else is refused with a reason`(_ words: [String]) {
    #expect(throws: Endpoint.SyntaxError.self) { try Endpoint(words) }
  }
}

struct ResolverTests {
  @Test func `a port is a number or a service`() throws {
    #expect(try Resolver.port("0") == 0)
    #expect(try Resolver.port("65535") == 65_535)
    #expect(throws: ResolutionError(name: "65536", reason: .portOutOfRange)) { try Resolver.port("65536") }
    #expect(throws: ResolutionError(name: "", reason: .portOutOfRange)) { try Resolver.port("") }
    #expect(throws: ResolutionError(name: "80x", reason: .unknownService)) { try Resolver.port("80x") }
    #expect(throws: ResolutionError(name: "-1", reason: .unknownService)) { try Resolver.port("-1") }
  }

  @Test func `localhost is found, with and without a deadline`() throws {
    let loopback = Address.internet(.ipv4([127, 0, 0, 1]), port: 80)
    let resolver = Resolver(family: .ipv4)
    #expect(try resolver.addresses(ofHost: "localhost", port: 80).contains(loopback))
    #expect(
      try resolver.addresses(ofHost: "localhost", port: 80, deadline: .after(.seconds(30))).contains(loopback)
    )
  }

  @Test func `a name is refused where only numbers are taken`() {
    #expect(throws: ResolutionError(name: "localhost", reason: .lookupForbidden)) {
      try Resolver(isNumericOnly: true).addresses(ofHost: "localhost", port: 80)
    }
  }

  @Test func `a numeric address of another family is refused`() {
    #expect(throws: ResolutionError.self) {
      try Resolver(family: .ipv6).addresses(ofHost: "127.0.0.1", port: 80)
    }
  }
}

struct DifferentiatedServicesTests {
  @Test(arguments: [
    ("ef", 46), ("EF", 46), ("af41", 34), ("cs1", 8), ("le", 1), ("0", 0), ("63", 63), ("0x2e", 46),
  ])
  func `a code point is read by name and number`(_ text: String, _ codePoint: Int) {
    #expect(DifferentiatedServices(text)?.codePoint == codePoint)
  }

  @Test(arguments: ["", "64", "-1", "af44", "0x40", "fast"])
  func `anything else is no code point`(_ text: String) {
    #expect(DifferentiatedServices(text) == nil)
  }

  @Test(arguments: [
    ("lowdelay", 0x10), ("Throughput", 0x08), ("reliability", 0x04), ("mincost", 0x02),
    ("inetcontrol", 0xC0), ("netcontrol", 0xE0), ("critical", 0xA0), ("0", 0), ("255", 255), ("0xb8", 0xB8),
  ])
  func `a whole byte is read by name and number`(_ text: String, _ value: Int) {
    let services = DifferentiatedServices(wholeByte: text)
    #expect(services?.fieldValue == value)
    #expect(services?.isWholeByte == true)
  }

  @Test(arguments: ["", "256", "-1", "ef", "cs1", "0x100", "+1"])
  func `anything else is no whole byte`(_ text: String) {
    #expect(DifferentiatedServices(wholeByte: text) == nil)
  }

  @Test(arguments: [
    ("af11", 0x28), ("af43", 0x98), ("cs0", 0), ("cs7", 0xE0), ("ef", 0xB8), ("critical", 0xA0),
    ("inetcontrol", 0xC0), ("lowdelay", 0x10), ("netcontrol", 0xE0), ("reliability", 0x04),
    ("throughput", 0x08), ("0", 0), ("46", 46), ("255", 255), ("0xB8", 0xB8), ("0x1", 1),
  ])
  func `a keyword of nc is a name or a whole byte`(_ text: String, _ value: Int) {
    #expect(DifferentiatedServices(netcatKeyword: text)?.fieldValue == value)
  }

  @Test(arguments: ["", "256", "-1", "EF", "Lowdelay", "va", "le", "mincost", "af44", "0x100"])
  func `what nc does not know is no keyword`(_ text: String) {
    #expect(DifferentiatedServices(netcatKeyword: text) == nil)
  }
}
