// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `sockkit proxy`, with its own clients; `ProxyClientTests` has others.
@Suite(.takingTurns)
struct ProxyServerTests {
  private static func start(_ options: String...) async throws -> (program: RunningProgram, port: Int) {
    let place = options.contains { $0.hasSuffix(":0") } ? [] : ["127.0.0.1:0"]
    let program = RunningProgram.sockkit(["proxy", "-v"] + options + place)
    return (program, Int(try await program.announcedPort()))
  }

  private static func stop(_ programs: RunningProgram...) async throws {
    for program in programs {
      program.signal(15)
      let end = try await program.finished()
      #expect(end.ending == .exit(0), "\(end)")
    }
  }

  private static let schemes = ["socks4", "socks4a", "socks5", "http"]

  @Test(arguments: schemes)
  func `bytes and ends go through in both directions`(scheme: String) async throws {
    let (proxy, port) = try await Self.start()
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let bytes = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }
    let end = try await sockkit(
      "connect", "--proxy", "\(scheme)://127.0.0.1:\(port)", "localhost", "\(try await echo.announcedPort())",
      input: .bytes(bytes))
    #expect(end.ending == .exit(0) && end.output == bytes, "\(end.errors)")
    try await Self.stop(proxy, echo)
  }

  @Test func `a request may come byte by byte, with the payload behind it`() async throws {
    let (proxy, port) = try await Self.start()
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let client = try await python(
      """
      with connected(arguments[0]) as client:
          client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
          request = b"\\x05\\x01\\x00\\x05\\x01\\x00\\x03\\x09localhost" + struct.pack(">H", int(arguments[1]))
          for byte in request: client.send(bytes([byte]))
          assert client.recv(2) == b"\\x05\\x00"
          reply = b""
          while len(reply) < 10: reply += client.recv(10 - len(reply))
          assert reply[:4] == b"\\x05\\x00\\x00\\x01", reply
      with connected(arguments[0]) as client:
          client.sendall(b"CONNECT localhost:%s HTTP/1.1\\r\\n\\r\\nearly" % arguments[1].encode())
          client.shutdown(socket.SHUT_WR)
          print(received(client).decode())
      """, "\(port)", "\(try await echo.announcedPort())")
    #expect(
      client == Finished(.exit(0), output: "HTTP/1.1 200 Connection established\r\n\r\nearly\n"))
    try await Self.stop(proxy, echo)
  }

  @Test(arguments: [
    ("127.0.0.1", 69, 69, 69), ("nosuch.invalid", 69, 69, 69), ("127.0.0.7", 69, 77, 77),
    ("2130706439", 69, 77, 77), ("0x7f.7", 69, 77, 77),
  ])
  func `a failure has its reply, and is logged`(host: String, socks4: Int32, socks5: Int32, http: Int32)
    async throws
  {
    let closed = SilentPort()
    let (proxy, port) = try await Self.start("--deny-target", "127.0.0.7")
    for (scheme, status) in [("socks4a", socks4), ("socks5", socks5), ("http", http)] {
      let end = try await sockkit(
        "connect", "--proxy", "\(scheme)://127.0.0.1:\(port)", host, "\(closed.number)")
      #expect(end.ending == .exit(status), "\(end)")
    }
    proxy.signal(15)
    let log = try await proxy.finished()
    #expect(
      log.errorLines.count { $0.contains(host == "nosuch.invalid" ? "look up" : ": connect to ") } == 3,
      "\(log)")
  }

  @Test func `bytes behind a request do not keep the kernel from moving those that follow`() async throws {
    let (proxy, port) = try await Self.start("--trace")
    let client = try await python(
      """
      target = socket.create_server(("127.0.0.1", 0))
      client = connected(arguments[0])
      client.sendall(f"CONNECT 127.0.0.1:{target.getsockname()[1]} HTTP/1.0\\r\\n\\r\\n".encode() + b"early")
      served = target.accept()[0]
      assert exactly(served, 5) == b"early"
      data = os.urandom(8 << 20)
      threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)), daemon=True).start()
      assert received(served) == data
      """, "\(port)")
    #expect(client.ending == .exit(0), "\(client)")
    _ = try await proxy.errorLine(containing: "splice(")
    proxy.signal(15)
    proxy.signal(15)
    #expect(try await proxy.finished().ending == .exit(0))
  }

  @Test(arguments: [("-4", "127.0.0.1", "::1"), ("-6", "[::1]", "127.0.0.1")])
  func `-4 and -6 hold for the addresses of targets too`(option: String, place: String, target: String)
    async throws
  {
    let proxy = RunningProgram.sockkit(["proxy", "-v", option, "\(place):0"])
    let url = "http://\(place):\(try await proxy.announcedPort())"
    let end = try await sockkit("connect", "--proxy", url, target, "9")
    #expect(end.ending == .exit(69) && end.errors.contains("502 Bad Gateway"), "\(end)")
    _ = try await proxy.errorLine(containing: "the address is not of the family that was asked for (-4, -6)")
    try await Self.stop(proxy)
  }

  @Test func `a bare port is one of the loopback, also for PROXY headers`() async throws {
    let proxy = RunningProgram.sockkit(["proxy", "-v", "--accept-proxy-protocol", "0"])
    _ = try await proxy.announcedPort()
    try await Self.stop(proxy)
  }

  @Test(arguments: schemes)
  func `a proxy may lead through another one, and its rules apply`(scheme: String) async throws {
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let target = "\(try await echo.announcedPort())"
    let (outer, outerPort) = try await Self.start("--deny-target", "127.0.0.4")
    let upstream = "\(scheme)://127.0.0.1:\(outerPort)"
    let (inner, innerPort) = try await Self.start(
      "--proxy", upstream, "--no-proxy", "127.0.0.2", "--deny-target", "localhost:1", "--deny-target",
      "127.0.0.3")
    func connect(_ host: String, _ port: String) async throws -> Finished {
      try await sockkit(
        "connect", "--proxy", "socks5://127.0.0.1:\(innerPort)", host, port, input: .bytes(Array("x".utf8)))
    }
    let end = try await connect("localhost", target)
    #expect(end == Finished(.exit(0), output: "x"), "\(end)")
    let accepted = try await outer.errorLine(containing: "connected ")
    #expect(accepted.contains(" 127.0.0.1:\(target) from "), "\(accepted)")
    let passed = try await inner.errorLine(containing: "connected ")
    #expect(passed.contains(" to localhost:\(target) at 127.0.0.1:\(outerPort) from "), "\(passed)")
    let closed = SilentPort()
    #expect(try await connect("127.0.0.1", "\(closed.number)").ending == .exit(69))
    #expect(try await connect("localhost", "1").ending == .exit(77))
    #expect(try await connect("127.0.0.3", target).ending == .exit(77))
    // What another proxy denies is no rule of this one.
    #expect(try await connect("127.0.0.4", target).ending == .exit(69))
    // Without the other proxy, which would have logged the client.
    #expect(try await connect("127.0.0.2", "\(closed.number)").ending == .exit(69))
    outer.signal(15)
    let log = try await outer.finished()
    #expect(log.errorLines.count { $0.contains("accepted ") } == 3, "\(log)")
    try await Self.stop(inner, echo)
  }

  @Test func `the proxy itself is no target`() async throws {
    let (proxy, port) = try await Self.start()
    for host in ["127.0.0.1", "localhost", "0.0.0.0", "0"] {
      let end = try await sockkit("connect", "-4", "--proxy", "http://127.0.0.1:\(port)", host, "\(port)")
      #expect(end.ending == .exit(77), "\(end)")
    }
    try await Self.stop(proxy)
  }

  @Test func `beyond the loopback, private targets need a rule`() async throws {
    let server = RunningProgram.sockkit(["listen", "-kv", "127.0.0.1:0"])
    let target = "\(try await server.announcedPort())"
    let (strict, strictPort) = try await Self.start("0.0.0.0:0")
    let denied = try await sockkit(
      "connect", "-z", "--proxy", "socks5://127.0.0.1:\(strictPort)", "localhost", target)
    #expect(denied.ending == .exit(77), "\(denied)")
    let (open, openPort) = try await Self.start("--allow-target", "localhost:\(target)", "0.0.0.0:0")
    let allowed = try await sockkit(
      "connect", "-z", "--proxy", "socks5://127.0.0.1:\(openPort)", "localhost", target)
    #expect(allowed.ending == .exit(0), "\(allowed)")
    let byAddress = try await sockkit(
      "connect", "-z", "--proxy", "socks5://127.0.0.1:\(openPort)", "127.0.0.1", target)
    #expect(byAddress.ending == .exit(77), "\(byAddress)")
    try await Self.stop(strict, open, server)
  }

  @Test(arguments: [
    ("socks5", []), ("socks4a", []), ("http", []), ("socks4", []), ("socks5", ["--proxy-dns", "local"]),
  ])
  func `a name is passed on to another proxy as a name, if that takes one`(scheme: String, options: [String])
    async throws
  {
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let target = "\(try await echo.announcedPort())"
    let (outer, outerPort) = try await Self.start()
    let inner = RunningProgram.sockkit(
      ["proxy", "-v", "--deny-target", "host.example", "--proxy", "\(scheme)://127.0.0.1:\(outerPort)"]
        + options
        + ["127.0.0.1:0"])
    let url = "socks5://127.0.0.1:\(try await inner.announcedPort())"
    let end = try await sockkit(
      "connect", "--proxy", url, "localhost", target, input: .bytes(Array("x".utf8)))
    #expect(end == Finished(.exit(0), output: "x"), "\(end)")
    let line = try await outer.errorLine(containing: "connected ")
    let isNamed = scheme != "socks4" && options.isEmpty
    #expect(
      line.contains(" to \(isNamed ? "localhost:\(target) at " : "")127.0.0.1:\(target) from "), "\(line)")
    let denied = try await sockkit("connect", "--proxy", url, "HOST.example.", target)
    #expect(denied.ending == .exit(77), "\(denied)")
    try await Self.stop(outer, inner, echo)
  }

  @Test func `a client without a request is cut off, and delays no other`() async throws {
    let (proxy, port) = try await Self.start()
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let silent = try await RunningProgram.clientsWithoutHandshake(
      at: "\(port)", sending: "SSH-2.0-x")
    let end = try await sockkit(
      "connect", "--proxy", "http://127.0.0.1:\(port)", "127.0.0.1", "\(try await echo.announcedPort())",
      input: .bytes(Array("x".utf8)))
    #expect(end == Finished(.exit(0), output: "x"))
    silent.closeInput()
    #expect(try await silent.finished().ending == .exit(0))
    proxy.signal(15)
    let log = try await proxy.finished()
    #expect(
      log.errorLines.count { $0.hasSuffix(": Connection timed out") } == RunningProgram.silentClients,
      "\(log)")
    try await Self.stop(echo)
  }

  @Test func `TLS, PROXY headers and a refusal in words`() async throws {
    let authority = try await TestAuthority.shared()
    let target = RunningProgram.sockkit(["listen", "-v", "--accept-proxy-protocol", "127.0.0.1:0"])
    let proxy = RunningProgram.sockkit(
      ["proxy", "-v", "--send-proxy-protocol", "2"] + authority.server() + ["127.0.0.1:0"])
    let url = "https://localhost:\(try await proxy.announcedPort())"
    let end = try await sockkit(
      "connect", "--proxy", url, "--proxy-tls-ca", authority.certificate, "127.0.0.1",
      "\(try await target.announcedPort())", input: .bytes(Array("x".utf8)))
    #expect(end.ending == .exit(0), "\(end)")
    let received = try await target.finished()
    #expect(received.text == "x" && received.errors.contains(" acts for 127.0.0.1:"), "\(received)")
    let plain = try await shell(
      "exec curl --silent --include --request TRACE --proxy-cacert \"$1\" --proxy \"$2\" http://localhost/",
      authority.certificate, url)
    #expect(plain.text.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"), "\(plain)")
    try await Self.stop(proxy)
  }

  @Test(arguments: [
    (
      ["--deny-target", "127.1", "0"],
      "invalid value '127.1' for --deny-target: expected a network, a name or *"
    ),
    (["--deny-target", "0x7f000001", "0"], "invalid value '0x7f000001' for --deny-target: "),
    (["--no-udp", "--http", "0"], "--no-udp has no effect with --http, which has no datagrams"),
    (["--socks", "--http", "0"], "--socks and --http exclude each other; both are served without them"),
    ([], "no port given: expected PORT, HOST PORT or HOST:PORT"),
  ])
  func `a bad command line is refused`(options: [String], message: String) async throws {
    let end = try await sockkit(["proxy"] + options)
    #expect(end.ending == .exit(64) && end.errors.hasPrefix("sockkit: \(message)"), "\(end)")
  }
}
