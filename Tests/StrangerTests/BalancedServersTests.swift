// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Servers behind HAProxy with the configuration and the check of `examples/haproxy`.
@Suite(.takingTurns)
struct BalancedServersTests {
  private static func server(_ name: String, at port: UInt16 = 0) -> RunningProgram {
    .sockkit([
      "echo-server", "-v", "--prefix", "\(name) ", "--reuse-port", "--accept-proxy-protocol",
      "--proxy-protocol-from", "127.0.0.0/8", "127.0.0.1:\(port)",
    ])
  }

  /// The arguments are the address and the port to listen on, the ports of both servers, and a directory with the files
  /// of the example and `sockkit`.
  private static let haproxy = Stranger(
    name: "HAProxy",
    script: """
      sed -e "s|bind :5000|bind $1:$2|; s|192.0.2.11:5000|127.0.0.1:$3|; s|192.0.2.12:5000|127.0.0.1:$4|" \\
        -e "s|/etc/haproxy|$5|; s|/usr/local/bin|$5|; s|inter 2s|inter 200ms|" "$5/haproxy.cfg" > /run/haproxy.cfg
      exec haproxy -db -f /run/haproxy.cfg
      """)

  /// Starts clients, one after the other; each prints its answer, or `lost`.
  private static func clients(_ count: Int, at place: Place) -> RunningProgram {
    RunningProgram(
      .shell(
        "for number in $(seq \"$3\"); do echo hello | sockkit connect \"$1\" \"$2\" || echo lost; done",
        [place.host, "\(place.port)", "\(count)"]), input: .file("/dev/null"))
  }

  @Test func `clients are named, and none is lost while a server is away`() async throws {
    let directory = try TemporaryDirectory()
    let copied = try await shell(
      "cp \"$(command -v sockkit)\" \"$1\"/* \"$2\"", Project.path("examples/haproxy"), directory.path)
    #expect(copied == Finished(.exit(0)))
    let (first, second) = (Self.server("one"), Self.server("two"))
    let ports = (first: try await first.announcedPort(), second: try await second.announcedPort())
    let third = Self.server("two", at: ports.second)
    #expect(try await third.announcedPort() == ports.second)
    let place = Place()
    let balancer = Self.haproxy.start([
      place.host, "\(place.port)", "\(ports.first)", "\(ports.second)", directory.path,
    ])

    let named = try await sockkit(
      "connect", "--retry", "30s", "-s", "127.0.0.9", place.host, "\(place.port)",
      input: .bytes(Array("hello\n".utf8)))
    #expect(named.ending == .exit(0) && named.text.hasSuffix(" hello\n"), "\(named)")

    let during = Self.clients(100, at: place)
    try await during.outputLine(containing: "one hello")
    first.signal(15)
    try await balancer.errorLine(containing: "servers/one is DOWN")
    let end = try await during.finished()
    #expect(end.ending == .exit(0) && end.errors.isEmpty, "\(end)")
    #expect(end.text.split(separator: "\n").count { $0.hasSuffix(" hello") } == 100, "\(end)")
    let without = try await Self.clients(4, at: place).finished()
    #expect(without == Finished(.exit(0), output: String(repeating: "two hello\n", count: 4)))

    let back = Self.server("one", at: ports.first)
    try await balancer.errorLine(containing: "servers/one is UP")
    let after = try await Self.clients(4, at: place).finished()
    #expect(after.ending == .exit(0) && after.text.contains("one hello\n"), "\(after)")

    let log = try await balancer.stop()
    var events = ""
    for server in [first, second, third, back] {
      server.signal(15)
      let ended = try await server.finished()
      #expect(ended.ending == .exit(0), "\(ended)\(log)")
      events += ended.errors
    }
    #expect(events.contains(" acts for 127.0.0.9:"), "\(events)\(log)")
  }
}
