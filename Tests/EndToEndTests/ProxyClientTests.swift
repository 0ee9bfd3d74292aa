// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The netcats and curl as clients of `sockkit proxy`: what arrives, in whatever pieces, and what they learn of a
/// refusal.
@Suite(.takingTurns)
struct ProxyClientTests {
  private static let refusal = Array(repeating: "rejected or failed", count: 3)
  private static let statuses = ["502", "403", "504"]
  private static let phrases = ["Bad Gateway", "Forbidden", "Gateway Timeout"]

  private static let netcats = [
    ProxyClient(
      "ncat, socks4", "exec ncat --proxy 127.0.0.1:$1 --proxy-type socks4 $2 $3",
      complaints: Array(repeating: "Proxy connection failed", count: 3)),
    ProxyClient(
      "ncat, socks5", "exec ncat --proxy 127.0.0.1:$1 --proxy-type socks5 $2 $3",
      complaints: ["Connection refused", "not allowed by ruleset", "TTL expired"]),
    ProxyClient(
      "ncat, http", "exec ncat --proxy 127.0.0.1:$1 --proxy-type http $2 $3", complaints: statuses),
    ProxyClient(
      "nc.openbsd, socks4", "exec nc.openbsd -N -X 4 -x 127.0.0.1:$1 $2 $3", complaints: refusal),
    ProxyClient(
      "nc.openbsd, socks5", "exec nc.openbsd -N -X 5 -x 127.0.0.1:$1 $2 $3",
      complaints: ["Connection refused", "not allowed by ruleset", "TTL expired"]),
    ProxyClient(
      "nc.openbsd, http", "exec nc.openbsd -N -X connect -x 127.0.0.1:$1 $2 $3", complaints: phrases),
    // It waits for an answer half a second only, unless it is told otherwise.
    ProxyClient(
      "socat, socks4a", "exec socat -t 30 - SOCKS4A:127.0.0.1:$2:$3,socksport=$1", complaints: refusal),
    ProxyClient("socat, http", "exec socat -t 30 - PROXY:127.0.0.1:$2:$3,proxyport=$1", complaints: phrases),
  ]

  /// In HTTP the client sends first, and never half-closes, so there is no such conversation.
  private static let curls = [
    ("socks4", refusal), ("socks4a", refusal), ("socks5", ["(5)", "(2)", "(6)"]),
    ("socks5h", ["(5)", "(2)", "(6)"]), ("http", statuses),
  ].map { scheme, complaints in
    ProxyClient(
      "curl, \(scheme)",
      "exec curl --silent --show-error --proxytunnel --proxy \(scheme)://127.0.0.1:$1 http://$2:$3/",
      complaints: complaints)
  }

  private static func start(
    _ client: ProxyClient, _ arguments: [String], _ input: RunningProgram.Input
  ) -> RunningProgram {
    RunningProgram(.shell(client.script, arguments), input: input)
  }

  @Test(arguments: netcats)
  func `a conversation takes place, however its bytes arrive`(client: ProxyClient) async throws {
    try await client.checkConversations(by: Self.start)
  }

  @Test(arguments: netcats + curls)
  func `a client learns why it is not connected`(client: ProxyClient) async throws {
    try await client.checkRefusals(by: Self.start)
  }

  @Test(arguments: curls)
  func `curl is served byte by byte`(client: ProxyClient) async throws {
    let server = RunningProgram.sockkit(["http-server", "-v", "--text", "hello\n", "127.0.0.1:0"])
    let proxy = RunningProgram.sockkit(["proxy", "-v", "127.0.0.1:0"])
    let relay = try ProxyConversation.Delivery.bytewise.relay(to: try await proxy.announcedPort())
    let end = try await Self.start(
      client, ["\(try await relay.printedPort())", "127.0.0.1", "\(try await server.announcedPort())"],
      .file("/dev/null")
    ).finished()
    #expect(end == Finished(.exit(0), output: "hello\n"))
    for program in [relay, proxy, server] { _ = try await program.stop() }
  }
}
