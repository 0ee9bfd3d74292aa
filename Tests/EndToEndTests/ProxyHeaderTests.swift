// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The header of the PROXY protocol, on both sides.
@Suite(.takingTurns)
struct ProxyHeaderTests {
  private func connect(
    _ port: Int, _ options: String..., input: String = "x"
  ) async throws -> Finished {
    try await sockkit(
      ["connect"] + options + ["127.0.0.1", "\(port)"], input: .bytes(Array(input.utf8)))
  }

  @Test(arguments: ["event", "thread", "fork"], ["1", "2"])
  func `a server takes the client that a proxy names for its peer`(model: String, version: String)
    async throws
  {
    let server = RunningProgram.sockkit([
      "http-server", "-v", "--model", model, "--accept-proxy-protocol", "--text", "hello", "--deny",
      "198.51.100.0/24", "127.0.0.1:0",
    ])
    let port = Int(try await server.announcedPort())
    let request = "GET / HTTP/1.0\r\n\r\n"
    let good = try await connect(
      port, "--proxy-protocol", version, "--proxy-source", "192.0.2.1:1234", input: request)
    #expect(good.ending == .exit(0) && good.text.hasSuffix("hello"), "\(good)")
    let denied = try await connect(
      port, "--proxy-protocol", version, "--proxy-source", "198.51.100.7:1", input: request)
    #expect(denied.ending == .exit(74) && denied.output.isEmpty, "\(denied)")
    let plain = try await connect(port, input: request)
    #expect(plain.ending == .exit(74) && plain.output.isEmpty, "\(plain)")
    server.signal(15)
    let log = try await server.finished()
    #expect(log.ending == .exit(0), "\(log)")
    let lines = log.generalized.errorLines
    for line in [
      "sockkit: 127.0.0.1:PORT acts for 192.0.2.1:1234, connected to 127.0.0.1:PORT (PROXY protocol)",
      "sockkit: PROXY header from 127.0.0.1:PORT: the client 198.51.100.7:1 is denied",
      "sockkit: PROXY header from 127.0.0.1:PORT: the connection does not begin with it",
    ] {
      #expect(lines.contains(line), "\(line) in \(log)")
    }
    #expect(lines.contains { $0.hasPrefix("sockkit: 192.0.2.1:1234 GET /: 200, 5 bytes") }, "\(log)")
  }

  @Test func `other peers are plain clients, whose claim is not believed`() async throws {
    let server = RunningProgram.sockkit([
      "echo-server", "-v", "--accept-proxy-protocol", "--proxy-protocol-from", "192.0.2.0/24", "0.0.0.0:0",
    ])
    let port = Int(try await server.announcedPort())
    let claim = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
    #expect(
      try await connect(port, "--proxy-protocol", "1", "--proxy-source", "192.0.2.1:1")
        == Finished(.exit(0), output: "PROXY TCP4 192.0.2.1 127.0.0.1 1 \(port)\r\nx"))
    #expect(try await connect(port, input: claim) == Finished(.exit(0), output: claim))
    server.signal(15)
    let log = try await server.finished()
    #expect(!log.errors.contains("acts for"), "\(log)")
  }

  /// A listener for one connection ends with the status of the header.
  @Test(arguments: [
    ("client.sendall(b'hello'); received(client)", 76, "the connection does not begin with it"),
    (
      "client.sendall(b'PROXY '); client.shutdown(socket.SHUT_WR); received(client)", 74,
      "the connection ended within it"
    ),
    ("client.sendall(b'PROXY '); sys.stdin.read()", 75, "Connection timed out"),
  ])
  func `a listener without a header ends with its status`(
    script: String, status: Int32, reason: String
  ) async throws {
    let listener = RunningProgram.sockkit(["listen", "-v", "--accept-proxy-protocol", "127.0.0.1:0"])
    let client = try RunningProgram.python(
      """
      client = connected(arguments[0])
      try:
          \(script)
      except ConnectionResetError:
          say("reset")
      """, "\(try await listener.announcedPort())")
    let end = try await listener.finished()
    #expect(end.ending == .exit(status), "\(end)")
    #expect(
      end.generalized.errorLines.last == "sockkit: PROXY header from 127.0.0.1:PORT: \(reason)", "\(end)")
    client.closeInput()
    _ = try await client.finished()
  }

  @Test func `a command learns who the client is, and gets the bytes behind the header`() async throws {
    for options in [[], ["-k"]] {
      let listener = RunningProgram.sockkit(
        ["listen", "-v"] + options + [
          "--accept-proxy-protocol", "127.0.0.1:0", "--", "sh", "-c",
          "cat; echo $SOCKKIT_REMOTE_ADDR $TCPREMOTEPORT",
        ])
      let end = try await connect(
        Int(try await listener.announcedPort()), "--proxy-protocol", "2", "--proxy-source",
        "[2001:db8::1]:1234", input: "bytes ")
      // The families differ: the header has both addresses as IPv6 ones.
      #expect(end == Finished(.exit(0), output: "bytes 2001:db8::1 1234\n"))
      listener.signal(15)
      _ = try await listener.finished()
    }
  }

  @Test func `a hub names its clients as the proxy does`() async throws {
    let listener = RunningProgram.sockkit(
      ["listen", "-kv", "--label", "--recv-only", "--accept-proxy-protocol", "127.0.0.1:0"])
    let end = try await connect(
      Int(try await listener.announcedPort()), "--proxy-protocol", "1", "--proxy-source", "192.0.2.1:1234",
      input: "line\n")
    #expect(end.ending == .exit(0), "\(end)")
    _ = try await listener.outputLine(containing: "[192.0.2.1:1234] line")
    listener.signal(15)
    _ = try await listener.finished()
  }

  @Test func `a forwarder passes on who its client is, with its TLS`() async throws {
    let authority = try await TestAuthority.shared()
    let target = RunningProgram.sockkit(
      [
        "listen", "-v", "--log-format", "json", "--accept-proxy-protocol", "127.0.0.1:0",
      ])
    let port = try await target.announcedPort(asJSON: true)
    let forward = RunningProgram.sockkit(
      ["forward", "-v", "--accept-proxy-protocol", "--send-proxy-protocol", "2"] + authority.server()
        + ["--tls-client-ca", authority.certificate, "127.0.0.1:0", "127.0.0.1:\(port)"])
    let end = try await sockkit(
      ["connect", "--proxy-protocol", "1", "--proxy-source", "192.0.2.1:1234"] + authority.client + [
        "--tls-cert", authority.certificate("client"), "--tls-key", authority.key("client"), "localhost",
        "\(try await forward.announcedPort())",
      ], input: .bytes(Array("x".utf8)))
    #expect(end.ending == .exit(0), "\(end)")
    let log = try await target.finished()
    #expect(log.ending == .exit(0), "\(log)")
    for words in [
      #""client":{"address":"192.0.2.1","port":1234}"#, #""event":"proxyHeader""#, #""sslCN":"client""#,
      #""sslVersion":"TLSv1.3""#,
    ] {
      #expect(log.errors.contains(words), "\(words) in \(log)")
    }
    forward.signal(15)
    _ = try await forward.finished()
  }

  @Test func `a check sends the header`() async throws {
    let server = RunningProgram.sockkit(["echo-server", "-v", "--accept-proxy-protocol", "127.0.0.1:0"])
    let end = try await connect(
      Int(try await server.announcedPort()), "-z", "--proxy-protocol", "2", "--proxy-source", "192.0.2.1:1234"
    )
    #expect(end == Finished(.exit(0)))
    _ = try await server.errorLine(containing: "closed 192.0.2.1:1234: ")
    server.signal(15)
    _ = try await server.finished()
  }

  @Test func `curl sends the header`() async throws {
    let server = RunningProgram.sockkit(
      ["http-server", "-v", "--accept-proxy-protocol", "--text", "hello", "127.0.0.1:0"])
    let end = try await shell(
      "exec curl --silent --haproxy-protocol http://127.0.0.1:$1/", "\(try await server.announcedPort())")
    #expect(end == Finished(.exit(0), output: "hello"))
    server.signal(15)
    let log = try await server.finished()
    #expect(log.errors.contains("(PROXY protocol)"), "\(log)")
  }

  @Test(arguments: [
    (
      ["listen", "--accept-proxy-protocol", "0"],
      "--accept-proxy-protocol requires --proxy-protocol-from NET, unless the address to listen on is a loopback one"
    ),
    (
      ["listen", "--proxy-protocol-from", "192.0.2.1", "0"],
      "--proxy-protocol-from has no effect without --accept-proxy-protocol"
    ),
    (
      ["echo-server", "--udp", "--accept-proxy-protocol", "127.0.0.1:0"],
      "--accept-proxy-protocol has no effect with --udp alone, which accepts no connections"
    ),
    (
      ["connect", "--proxy-source", "192.0.2.1:1", "127.0.0.1", "9"],
      "--proxy-source has no effect without --proxy-protocol"
    ),
    (
      ["listen", "--blocking", "--accept-proxy-protocol", "127.0.0.1:0"],
      "--blocking uses plain blocking calls: it excludes --accept-proxy-protocol"
    ),
  ])
  func `a bad command line is refused`(words: [String], message: String) async throws {
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }
}
