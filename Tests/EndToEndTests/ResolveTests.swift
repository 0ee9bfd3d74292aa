// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Look-ups with a name server and a hosts file of the test's own.
@Suite(.takingTurns, .onPrivateNetworks)
struct ResolveTests {
  private static let network = PrivateNetwork(
    .answering([
      "--host-record=www.l.example,192.0.2.1,2001:db8::1", "--cname=cdn.example,www.l.example",
      "--cname=www.example,cdn.example", "--host-record=many.example,192.0.2.11",
      "--host-record=many.example,192.0.2.12", "--host-record=many.example,2001:db8::11",
      "--host-record=many.example,2001:db8::12", "--host-record=ipv4.example,192.0.2.20",
      "--host-record=ipv6.example,2001:db8::20", "--host-record=xn--bcher-kva.example,127.0.0.30",
      "--host-record=short.corp.example,192.0.2.40",
    ]), hosts: "192.0.2.50 printer.example printer laser", searchList: "corp.example")

  struct Record: Decodable, Equatable {
    struct HostAddress: Decodable, Equatable {
      let family: String
      let address: String
    }
    struct LookupError: Decodable, Equatable {
      let code: String
      let message: String
    }
    let query: String
    let name: String?
    let aliases: [String]?
    let addresses: [HostAddress]?
    let port: Int?
    let milliseconds: Double
    let error: LookupError?
  }

  static func records(_ result: Finished) throws -> [Record] {
    try result.text.split(separator: "\n").map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
  }

  @Test func `a chain of aliases is followed to the canonical name and told in order`() async throws {
    #expect(
      try await Self.network.shell("sockkit resolve www.example")
        == Finished(
          .exit(0),
          output: """
            name: www.l.example
            alias: www.example
            alias: cdn.example
            address: 192.0.2.1
            address: 2001:db8::1

            """))
  }

  @Test func `all addresses are told, IPv4 before IPv6`() async throws {
    let result = try await Self.network.shell("sockkit resolve --json many.example")
    #expect(result.ending == .exit(0), "\(result)")
    let record = try #require(try Self.records(result).first)
    let addresses = try #require(record.addresses)
    #expect(addresses.map(\.family) == ["ipv4", "ipv4", "ipv6", "ipv6"])
    #expect(
      Set(addresses.map(\.address)) == ["192.0.2.11", "192.0.2.12", "2001:db8::11", "2001:db8::12"])
    #expect(record.query == "many.example" && record.name == "many.example" && record.aliases == [])
    #expect(record.error == nil && record.port == nil && record.milliseconds > 0)
  }

  @Test(arguments: [("-4", "192.0.2.1\n"), ("-6", "2001:db8::1\n"), ("", "192.0.2.1\n2001:db8::1\n")])
  func `-4 and -6 choose a family`(flag: String, output: String) async throws {
    #expect(
      try await Self.network.shell("sockkit resolve --short \(flag) www.example")
        == Finished(.exit(0), output: output))
  }

  @Test func `an unknown name is status 68, and the others are printed all the same`() async throws {
    #expect(
      try await Self.network.shell("sockkit resolve ipv4.example nosuch.example ipv6.example")
        == Finished(
          .exit(68),
          output: "name: ipv4.example\naddress: 192.0.2.20\n\nname: ipv6.example\naddress: 2001:db8::20\n",
          errors: "sockkit: look up nosuch.example: Name or service not known\n"))
  }

  @Test func `a name without an address of the family asked for is status 68`() async throws {
    let result = try await Self.network.shell("sockkit resolve -6 --json ipv4.example")
    let message = "No address associated with hostname"
    #expect(result.ending == .exit(68))
    #expect(result.errors == "sockkit: look up ipv4.example: \(message)\n")
    #expect(try Self.records(result).map(\.error) == [.init(code: "NO_DATA", message: message)])
  }

  @Test func `a server that refuses to answer is status 75, unless a name is unknown`() async throws {
    let message = "sockkit: look up host.elsewhere: Temporary failure in name resolution\n"
    #expect(
      try await Self.network.shell("sockkit resolve --short host.elsewhere printer")
        == Finished(.exit(75), output: "192.0.2.50\n", errors: message))
    let both = try await Self.network.shell("sockkit resolve --json host.elsewhere nosuch.example")
    #expect(both.ending == .exit(68), "\(both)")
    #expect(try Self.records(both).map { $0.error?.code } == ["TRY_AGAIN", "HOST_NOT_FOUND"])
  }

  @Test func `no server at all is status 75`() async throws {
    let result = try await PrivateNetwork(.none).shell("sockkit resolve ipv4.example")
    #expect(
      result
        == Finished(
          .exit(75), errors: "sockkit: look up ipv4.example: Temporary failure in name resolution\n"))
  }

  @Test func `an address is looked up in reverse`() async throws {
    #expect(
      try await Self.network.shell("sockkit resolve 192.0.2.20 2001:db8::20 192.0.2.99 192.0.2.50")
        == Finished(
          .exit(68),
          output: """
            name: ipv4.example
            address: 192.0.2.20

            name: ipv6.example
            address: 2001:db8::20

            name: printer.example
            alias: printer
            alias: laser
            address: 192.0.2.50

            """,
          errors: "sockkit: look up 192.0.2.99: Name or service not known\n"))
  }

  @Test func `aliases come from the hosts file and the search list is followed`() async throws {
    #expect(
      try await Self.network.shell("sockkit resolve laser short")
        == Finished(
          .exit(0),
          output: """
            name: printer.example
            alias: printer
            alias: laser
            address: 192.0.2.50

            name: short.corp.example
            address: 192.0.2.40

            """))
  }

  @Test(arguments: ["C", "C.UTF-8"])
  func `an international name is found in any locale, to resolve and to connect`(locale: String) async throws
  {
    #expect(
      try await Self.network.shell(
        "export LC_ALL=\(locale); sockkit resolve bücher.example; sockkit connect -4 bücher.example 9")
        == Finished(
          .exit(69), output: "name: xn--bcher-kva.example\naddress: 127.0.0.30\n",
          errors: "sockkit: connect to 127.0.0.30:9: Connection refused\n"))
  }

  @Test func `an international name without the library is told apart from an unknown one`() async throws {
    let message =
      "look up bücher.example: names beyond ASCII need libidn2.so.0 (the Debian package libidn2-0)"
    #expect(
      try await Self.network.shell(
        """
        for library in $(ldconfig -p | sed -n 's/.*libidn2.so.0 .*=> //p'); do
          mount --bind /dev/null "$library" || exit 99
        done
        sockkit resolve bücher.example
        """) == Finished(.exit(71), errors: "sockkit: \(message)\n"))
  }

  @Test func `--service adds the port`() async throws {
    #expect(
      try await Self.network.shell(
        "sockkit resolve --service http ipv4.example && sockkit resolve --short --service 443 www.example")
        == Finished(
          .exit(0),
          output:
            "name: ipv4.example\naddress: 192.0.2.20\nport: 80\n192.0.2.1:443\n[2001:db8::1]:443\n"))
    let result = try await Self.network.shell(
      "sockkit resolve --json --service domain ipv4.example x.example")
    #expect(try Self.records(result).map(\.port) == [53, nil])
  }

  @Test func `a thousand names from standard input are answered in order`() async throws {
    let addresses = (1...1000).map { "10.0.\($0 / 250).\($0 % 250)" }
    let records = zip(1..., addresses).map { "--host-record=\($0).n.example,\($1)" }
    let result = try await PrivateNetwork(.answering(records)).shell(
      "seq 1000 | sed 's/.*/&.n.example/' | sockkit resolve --short -4 --jobs 8")
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.text == addresses.joined(separator: "\n") + "\n")
  }

  @Test func `a trace shows the look-ups of the workers`() async throws {
    let result = try await Self.network.shell("sockkit resolve --trace www.example bücher.example")
    #expect(result.ending == .exit(0), "\(result)")
    for call in [
      "socketpair(AF_UNIX, SOCK_SEQPACKET, 0) = 0 {", "fork() = ",
      "gethostbyname2_r(\"www.example\", AF_INET) = 0 www.l.example: 192.0.2.1 [",
      "gethostbyname2_r(\"xn--bcher-kva.example\", AF_INET6) = NO_DATA (No address associated with hostname) [",
      "waitpid(",
    ] {
      #expect(result.errors.contains(call), "\(call) \(result)")
    }
  }
}
