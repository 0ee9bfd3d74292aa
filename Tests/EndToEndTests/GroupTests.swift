// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Multicast and broadcast between two hosts.
@Suite(.takingTurns)
struct GroupTests {
  /// Checks that a datagram sent by the near host arrives at the far one.
  private func expectArrival(at destination: String, receive: String, send: String) async throws {
    let result = try await TwoHosts.run(
      """
      far sockkit udp-recv --port-file port --json --timeout 10s -c 1 \(receive) 0 &
      port=$(await port)
      near sockkit udp-send \(send) $port hello
      wait $!
      """)
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.text.contains(#""text":"hello""#) && result.text.contains(destination), "\(result)")
  }

  private static let toGroup = "--multicast-interface $near_if"

  @Test(arguments: [
    ("--join 239.1.2.3%$far_if", "\(toGroup) 239.1.2.3"),
    ("-4 --join 239.1.2.3%$far_if", "\(toGroup) --ttl 3 239.1.2.3"),
    ("--join 239.9.9.9%$far_if --join 239.1.2.3%$far_if", "\(toGroup) 239.1.2.3"),
    ("--join 239.1.2.3%$far_if --source-filter $near", "\(toGroup) -s $near 239.1.2.3"),
  ])
  func `a datagram to an IPv4 group arrives`(receive: String, send: String) async throws {
    try await expectArrival(at: "239.1.2.3", receive: receive, send: send)
  }

  @Test(
    .onPrivateNetworks,
    arguments: [
      ("--join ff15::7%$far_if", "\(toGroup) ff15::7"),
      ("--join ff15::7%$far_if --source-filter $near6", "\(toGroup) -s $near6 ff15::7"),
      ("-6 --join ff15::7%$far_if", "\(toGroup) --ttl 3 ff15::7"),
    ])
  func `a datagram to an IPv6 group arrives`(receive: String, send: String) async throws {
    try await expectArrival(at: "ff15::7", receive: receive, send: send)
  }

  @Test func `a broadcast arrives`() async throws {
    try await expectArrival(at: ".255\"", receive: "", send: "--broadcast $broadcast")
  }

  @Test(.onPrivateNetworks) func `to receive on a group's address is to join it`() async throws {
    let result = try await TwoHosts.run(
      """
      far sockkit udp-recv --port-file port --timeout 10s -c 1 ff02::7%$far_if 0 &
      port=$(await port)
      near sockkit udp-send ff02::7%$near_if $port hello
      wait $!
      """)
    #expect(result.ending == .exit(0) && result.text.hasSuffix("] hello\n"), "\(result)")
  }

  @Test func `a sender that is filtered out is not heard`() async throws {
    let result = try await TwoHosts.run(
      """
      far sockkit udp-recv --port-file port --timeout 10s -c 1 \\
        --source-filter 203.0.113.9 --join 239.1.2.3%$far_if 0 &
      port=$(await port)
      near sockkit udp-send --multicast-interface $near_if -s $near 239.1.2.3 $port filtered
      near sockkit udp-send $far $port direct
      wait $!
      """)
    #expect(result.ending == .exit(0) && result.text.hasSuffix("] direct\n"), "\(result)")
    #expect(!result.text.contains("filtered"))
  }

  @Test func `several receivers of a group share the port and each get a copy, as often as it is looped`()
    async throws
  {
    let result = try await TwoHosts.run(
      """
      near sockkit udp-recv --port-file a --timeout 10s -c 2 --join 239.1.2.3%$near_if 0 > one &
      first=$!
      port=$(await a)
      near sockkit udp-recv --port-file b --timeout 10s -c 2 --join 239.1.2.3%$near_if $port > two &
      await b
      send() { near sockkit udp-send --multicast-interface $near_if "$@"; }
      send 239.1.2.3 $port one
      send --no-multicast-loop 239.1.2.3 $port unheard
      send --multicast-loop 239.1.2.3 $port two
      wait $first
      wait $!
      cat one two
      """)
    let words = result.text.split(separator: "\n").dropFirst().map { $0.split(separator: " ").last }
    #expect(result.ending == .exit(0) && words == ["one", "two", "one", "two"], "\(result)")
  }

  @Test func `whoever is asked through a group or a broadcast answers from an address of its own`()
    async throws
  {
    let result = try await TwoHosts.run(
      """
      far sockkit udp-recv --port-file port --timeout 10s -c 2 --reply here --join 239.1.2.3%$far_if 0 \\
        > /dev/null &
      port=$(await port)
      near sockkit udp-send --multicast-interface $near_if --expect 1 239.1.2.3 $port where
      near sockkit udp-send --broadcast --expect 1 $broadcast $port where
      wait $!
      """)
    let lines = result.text.split(separator: "\n")
    #expect(result.ending == .exit(0) && lines.count == 2, "\(result)")
    for line in lines {
      #expect(["[10.99.0.2] here", "[127.0.0.1] here"].contains(String(line)), "\(result)")
    }
  }
}
