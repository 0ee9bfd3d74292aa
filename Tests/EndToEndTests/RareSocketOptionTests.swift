// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The effects of the socket options that few command lines have, and their errors.
@Suite(.takingTurns)
struct RareSocketOptionTests {
  // MARK: Privileged options

  /// Whether this process has CAP_NET_ADMIN.
  private static let isPrivileged: Bool = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") } ?? ""
    let mask = line.split(whereSeparator: \.isWhitespace).last.flatMap { UInt64($0, radix: 16) } ?? 0
    return mask & 1 << 12 != 0
  }()

  /// `sockkit` without the capabilities to administer the network.
  private static func unprivileged(_ arguments: [String]) throws -> Program {
    guard isPrivileged else { return .sockkit(arguments) }
    let none = "-net_admin,-net_raw"
    let own = Program.sockkit(arguments)
    return try .other(
      "setpriv", package: "util-linux",
      ["--bounding-set", none, "--inh-caps", none, own.path] + own.arguments)
  }

  @Test(arguments: [
    (
      ["--mark", "0x7"], "mark is 7",
      "set --mark to 7 (it requires CAP_NET_ADMIN): Operation not permitted"
    ),
    (
      ["--debug-socket"], "debug-socket is on",
      "set --debug-socket (it requires CAP_NET_ADMIN): Permission denied"
    ),
    (
      ["--sockopt", "socket:mark:7"], "sockopt socket:mark is 7",
      "set --sockopt socket:mark:7: Operation not permitted"
    ),
  ])
  func `an option that requires a capability is set, or is status 77 without it`(
    words: [String], line: String, problem: String
  ) async throws {
    let refused = try await RunningProgram(
      Self.unprivileged(["connect"] + words + ["127.0.0.1", "9"]), input: .file("/dev/null")
    ).finished()
    #expect(refused == Finished(.exit(77), errors: "sockkit: \(problem)\n"))
    guard Self.isPrivileged else { return }
    let server = RunningProgram(
      .sockkit(["listen", "-v", "127.0.0.1", "0"] + words), input: .file("/dev/null"))
    let client = try await sockkit(["connect", "-v", "127.0.0.1:\(server.announcedPort())"] + words)
    #expect(client.errorLines.contains("sockkit: \(line)"), "\(client)")
    let end = try await server.finished()
    #expect(end.errorLines.contains("sockkit: \(line)"), "\(end)")
  }

  // MARK: Segments

  @Test func `--mss limits segments, and the kernel reports what is left for bytes`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let result = try await sockkit(
      "connect", "-v", "--mss", "1000", "127.0.0.1:\(server.announcedPort())")
    let line = try #require(result.errorLines.first { $0.hasPrefix("sockkit: mss is ") }, "\(result)")
    let size = try #require(Int(line.dropFirst("sockkit: mss is ".count)))
    #expect((900...1000).contains(size), "\(result)")
  }

  @Test(arguments: [[], ["--no-shutdown"]])
  func `--cork delays nothing for ever, with or without a half-close`(words: [String]) async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      say(exactly(connection, 4).decode())
      """)
    let port = try await peer.printedPort()
    let result = try await sockkit(
      ["connect", "--cork", "127.0.0.1", "\(port)"] + words, input: .bytes(Array("ping".utf8)))
    #expect(result.ending == .exit(0), "\(result)")
    #expect(try await peer.finished().text.hasSuffix("ping\n"))
  }

  @Test(arguments: [[], ["--blocking"]])
  func `--quick-ack is set again after each read`(words: [String]) async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.sendall(b"one")
      assert exactly(connection, 1) == b"x"
      connection.sendall(b"two")
      """)
    let client = RunningProgram(
      .sockkit(["connect", "--trace", "--quick-ack", "127.0.0.1:\(try await peer.printedPort())"] + words))
    try await client.output(ofAtLeast: 3)
    client.send("x")
    client.closeInput()
    let end = try await client.finished()
    #expect(end.text == "onetwo", "\(end)")
    let calls = end.errorLines.filter { $0.contains("recv(") || $0.contains("TCP_QUICKACK, 1) = 0") }
    let reads = calls.indices.filter { calls[$0].contains("recv(") && calls[$0].contains(") = 3") }
    #expect(reads.count == 2, "\(end)")
    for read in reads {
      #expect(calls.dropFirst(read + 1).first?.contains("TCP_QUICKACK") == true, "\(end)")
    }
  }

  @Test func `packets with a smaller time to live than --min-ttl do not arrive`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--min-ttl", "200", "127.0.0.1", "0", input: .file("/dev/null"))
    let place = "127.0.0.1:\(try await server.announcedPort())"
    let late = try await sockkit("connect", "-w", "300ms", "--ttl", "199", place)
    #expect(late.ending == .exit(75), "\(late)")
    #expect(try await sockkit("connect", "--ttl", "200", place) == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
  }

  // MARK: Signatures

  @Test func `--md5-key connects sides with the same key, and no others`() async throws {
    let directory = try TemporaryDirectory()
    let (key, other) = (try directory.write("secret\n", to: "key"), try directory.write("x", to: "other"))
    let server = RunningProgram.sockkit(
      "listen", "-v", "--md5-key", key, "127.0.0.1", "0", input: .bytes(Array("pong".utf8)))
    let probe = try await sockkit("connect", "-w", "1ms", "--md5-key", key, "127.0.0.1", "9")
    if probe.ending == .exit(71) {
      #expect(
        probe.errors
          == "sockkit: set --md5-key: this kernel has no TCP MD5 signatures (CONFIG_TCP_MD5SIG)\n")
      return
    }
    let place = "127.0.0.1:\(try await server.announcedPort())"
    for words in [[], ["--md5-key", other]] {
      let late = try await sockkit(["connect", "-w", "300ms", place] + words)
      #expect(late.ending == .exit(75), "\(late)")
    }
    let client = try await sockkit("connect", "--md5-key", key, place, input: .bytes(Array("ping".utf8)))
    #expect(client.ending == .exit(0), "\(client)")
    #expect(client.text == "pong")
    #expect(try await server.finished().text == "ping")
  }

  @Test func `a key that cannot be used is refused`() async throws {
    let directory = try TemporaryDirectory()
    let long = try directory.write(String(repeating: "x", count: 81), to: "long")
    let missing = directory.file("missing")
    #expect(
      try await sockkit("connect", "--md5-key", long, "127.0.0.1", "9")
        == Finished(
          .exit(65),
          errors:
            "sockkit: read \(long): a key of a TCP MD5 signature has 1 to 80 bytes, and this one has 81\n"
        ))
    #expect(
      try await sockkit("connect", "--md5-key", missing, "127.0.0.1", "9")
        == Finished(.exit(66), errors: "sockkit: read \(missing): No such file or directory\n"))
  }

  // MARK: Both sides of a forwarder

  @Test func `forward sets the options on both sides`() async throws {
    let target = RunningProgram.sockkit(
      "listen", "-v", "127.0.0.1", "0", "--min-ttl", "1", input: .bytes(Array("pong".utf8)))
    let forwarder = RunningProgram(
      .sockkit([
        "forward", "-v", "--trace", "--tos", "throughput", "--quick-ack", "127.0.0.1:0",
        "127.0.0.1:\(try await target.announcedPort())",
      ]))
    let client = try await sockkit(
      "connect", "127.0.0.1:\(forwarder.announcedPort())", input: .bytes(Array("ping".utf8)))
    #expect(client.text == "pong", "\(client)")
    #expect(try await target.finished().text == "ping")
    forwarder.signal(SIGTERM)
    let end = try await forwarder.finished()
    #expect(end.errorLines.contains("sockkit: tos is 8"), "\(end)")
    #expect(end.errorLines.count { $0.contains("IP_TOS, 8) = 0") } == 2, "\(end)")
    // On the listening socket, on each connection at its start, and after each of two reads.
    #expect(end.errorLines.count { $0.contains("TCP_QUICKACK, 1) = 0") } >= 5, "\(end)")
  }

  // MARK: Listening

  @Test(arguments: [["listen"], ["echo-server"], ["http-server", "--text", "x"], ["calc-server"]])
  func `--ipv6-only takes no IPv4`(server: [String]) async throws {
    let running = RunningProgram(
      .sockkit(server + ["-v", "--ipv6-only", "*:0"]), input: .file("/dev/null"))
    let port = try await running.announcedPort()
    try await running.errorLine(containing: "sockkit: ipv6-only is on")
    let refused = try await sockkit("connect", "127.0.0.1", "\(port)")
    #expect(
      refused
        == Finished(.exit(69), errors: "sockkit: connect to 127.0.0.1:\(port): Connection refused\n"))
    #expect(try await sockkit("connect", "-z", "::1", "\(port)") == Finished(.exit(0)))
  }

  @Test func `udp-recv --ipv6-only receives nothing over IPv4`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--ipv6-only", "-c", "1", "0")
    let line = try await receiver.errorLine(containing: "listening on ")
    let port = try #require(line.split(separator: ":").last?.prefix { $0.isNumber })
    let refused = try await sockkit("udp-send", "127.0.0.1", "\(port)", "four")
    #expect(refused.ending == .exit(69), "\(refused)")
    #expect(try await sockkit("udp-send", "::1", "\(port)", "six") == Finished(.exit(0)))
    #expect(try await receiver.finished().text == "[::1] six\n")
  }

  @Test func `with --defer-accept a client that sends is served before one that is silent`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--defer-accept", "30s", "127.0.0.1", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    try await server.errorLine(containing: "sockkit: defer-accept is ")
    let silent = try RunningProgram.python(
      """
      client = connected(arguments[0])
      say("connected")
      told("done")
      """, "\(port)")
    try await silent.outputLine(containing: "connected")
    #expect(
      try await sockkit("connect", "127.0.0.1", "\(port)", input: .bytes(Array("ping".utf8)))
        == Finished(.exit(0)))
    #expect(try await server.finished().text == "ping")
    silent.send("done\n")
    #expect(try await silent.finished().ending == .exit(0))
  }

  // MARK: Usage

  @Test(arguments: [
    ("connect --cork -U /nonexistent", "--cork does not apply to a Unix socket"),
    ("listen --mark 1 -U /nonexistent", "--mark does not apply to a Unix socket"),
    (
      "connect --sockopt socket:priority:1 --sockopt tcp:nodelay:1 -U /nonexistent",
      "--sockopt tcp:nodelay:1 does not apply to a Unix socket"
    ),
    ("connect --tos 1 --dscp ef 127.0.0.1 9", "--tos and --dscp exclude each other"),
    ("connect --md5-key x --mptcp 127.0.0.1 9", "--md5-key and --mptcp exclude each other"),
    ("listen --ipv6-only 127.0.0.1 0", "--ipv6-only: 127.0.0.1 is an IPv4 address"),
    ("listen --ipv6-only -4 0", "-4 and --ipv6-only exclude each other"),
    ("listen --ipv6-only -U /nonexistent", "--ipv6-only: a Unix socket has no address family"),
    ("udp-recv --ipv6-only -U /nonexistent", "--ipv6-only: a Unix socket has no address family"),
    ("listen --defer-accept 1s -U /nonexistent", "--defer-accept: a Unix socket has no handshake"),
    (
      "echo-server --udp --defer-accept 1s 0",
      "--defer-accept has no effect with --udp alone, which accepts no connections"
    ),
    ("connect --mss 87 127.0.0.1 9", "invalid value '87' for --mss: expected a number from 88 to 32767"),
    (
      "connect --min-ttl 256 127.0.0.1 9",
      "invalid value '256' for --min-ttl: expected a number from 0 to 255"
    ),
    (
      "connect --mark -1 127.0.0.1 9",
      "invalid value '-1' for --mark: expected a number from 0 to 4294967295, decimal or 0x hexadecimal"
    ),
    (
      "connect --tos ef 127.0.0.1 9",
      "invalid value 'ef' for --tos: expected one of lowdelay, throughput, reliability, mincost, inetcontrol, "
        + "netcontrol, critical, or a number from 0 to 255 (for a DSCP, use '--dscp NAME')"
    ),
    (
      "connect --sockopt udp:nodelay:1 127.0.0.1 9",
      "invalid value 'udp:nodelay:1' for --sockopt: expected a number or one of socket, ip, ipv6, tcp as the level"
    ),
    (
      "connect --sockopt ipv6:nodelay:1 127.0.0.1 9",
      "invalid value 'ipv6:nodelay:1' for --sockopt: expected a number or one of freebind, minhopcount, mtu, "
        + "mtu_discover, multicast_hops, multicast_loop, recverr, tclass, transparent, unicast_hops, v6only "
        + "as the option of ipv6"
    ),
    (
      "connect --sockopt tcp:nodelay:on 127.0.0.1 9",
      "invalid value 'tcp:nodelay:on' for --sockopt: expected a whole number from -2147483648 to 4294967295, "
        + "string:TEXT or hex:BYTES as the value"
    ),
  ])
  func `what cannot be meant is a usage error`(line: String, problem: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(problem, of: words[0]))
  }

  @Test func `an option that the kernel refuses is a usage error with the option as it was typed`()
    async throws
  {
    #expect(
      try await sockkit("connect", "--sockopt", "tcp:syncnt:0x3E8", "127.0.0.1", "9")
        == Finished(.exit(64), errors: "sockkit: set --sockopt tcp:syncnt:0x3E8: Invalid argument\n"))
  }
}
