// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Datagrams through a proxy: what reaches the target and comes back, and how it ends.
@Suite(.takingTurns)
struct UDPProxyTests {
  /// The functions of a proxy that relays datagrams, for what a test adds.
  private static let functions = """
    listener = listening()

    def greeted(password=None):
        "A client that was asked for a password, if there is one."
        client = listener.accept()[0]
        assert exactly(client, 1) == b"\\5"
        methods = exactly(client, exactly(client, 1)[0])
        if not password:
            client.sendall(b"\\5\\0")
            return client
        assert 2 in methods
        client.sendall(b"\\5\\2")
        exactly(client, 1)
        user = exactly(client, exactly(client, 1)[0])
        word = exactly(client, exactly(client, 1)[0])
        client.sendall(b"\\1\\0" if user + b":" + word == password else b"\\1\\1")
        return client

    def associated(host="127.0.0.1", password=None):
        "A client, and the socket of its datagrams."
        client = greeted(password)
        assert exactly(client, 10) == b"\\5\\3\\0\\1\\0\\0\\0\\0\\0\\0"
        relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        relay.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        relay.bind(("127.0.0.1", 0))
        client.sendall(b"\\5\\0\\0\\1" + socket.inet_aton(host) + struct.pack(">H", relay.getsockname()[1]))
        return client, relay

    def wrapped(host, port, payload, fragment=0):
        kind = b"\\4" if ":" in host else b"\\1"
        address = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
        return bytes([0, 0, fragment]) + kind + address + struct.pack(">H", port) + payload

    def unwrapped(datagram):
        "The target of a datagram, and the payload."
        assert datagram[:3] == bytes(3)
        kind, rest = datagram[3], datagram[4:]
        length = {1: 4, 3: rest[0] + 1, 4: 16}[kind]
        host, rest = rest[:length], rest[length:]
        name = (host[1:].decode() if kind == 3
            else socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, host))
        return name, struct.unpack(">H", rest[:2])[0], rest[2:]

    def relaying(client, relay):
        "Relays for a client until that ends the association, and says each new target."
        peer, known, targets = None, set(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while True:
            for end in select.select([client, relay, targets], [], [])[0]:
                if end is client:
                    assert client.recv(1) == b""
                    return
                datagram, source = end.recvfrom(1 << 17)
                if end is targets:
                    relay.sendto(wrapped(*source, datagram), peer)
                    continue
                assert peer in (None, source)
                peer = source
                host, port, payload = unwrapped(datagram)
                if host not in known: say("target", host, port)
                known.add(host)
                targets.sendto(payload, (host, port))

    """

  /// A proxy that does what `script` says.
  private static func start(
    _ script: String
  ) async throws -> (program: RunningProgram, url: String, port: UInt16) {
    let program = try RunningProgram.python(functions + script)
    let port = try await program.printedPort()
    return (program, "socks5://127.0.0.1:\(port)", port)
  }

  private static func receiver(_ options: String...) async throws -> (program: RunningProgram, port: String) {
    let program = RunningProgram.sockkit(["udp-recv", "-v"] + options + ["127.0.0.1", "0"])
    return (program, "\(try await program.announcedPort())")
  }

  // MARK: What goes through

  @Test(arguments: [
    ("localhost", [], "localhost"), ("127.0.0.1", [], "127.0.0.1"),
    ("localhost", ["-4", "--proxy-dns", "local"], "127.0.0.1"),
  ])
  func `a question reaches its target, and the answer comes back`(
    host: String, options: [String], asked: String
  ) async throws {
    let (receiver, target) = try await Self.receiver("--prefix", "echo -> ", "-c", "2")
    let (proxy, url, _) = try await Self.start("relaying(*associated())")
    let end = try await sockkit(
      ["udp-send", "--proxy", url, "--expect", "2"] + options + [host, target, "ping", ""])
    #expect(end == Finished(.exit(0), output: "[127.0.0.1] echo -> ping\n[127.0.0.1] echo -> \n"))
    let log = try await proxy.finished()
    #expect(log.ending == .exit(0) && log.text.hasSuffix("\ntarget \(asked) \(target)\n"), "\(log)")
    _ = try await receiver.finished()
  }

  @Test func `every line of standard input arrives whole, without waiting for answers`() async throws {
    let (proxy, url, _) = try await Self.start(
      """
      client, relay = associated()
      for number in range(1000):
          assert unwrapped(relay.recv(1 << 17)) == ("host.example", 9, b"line %d" % number), number
      assert client.recv(1) == b""
      """)
    let lines = (0..<1000).map { "line \($0)\n" }.joined()
    let end = try await sockkit(
      ["udp-send", "--proxy", url, "host.example", "9"], input: .bytes(Array(lines.utf8)))
    #expect(end == Finished(.exit(0)))
    let log = try await proxy.finished()
    #expect(log.ending == .exit(0), "\(log)")
  }

  @Test func `an IPv6 address is sent as one, and the source of an answer is the peer's`() async throws {
    let (proxy, url, _) = try await Self.start(
      """
      client, relay = associated()
      datagram, peer = relay.recvfrom(1 << 17)
      assert unwrapped(datagram) == ("2001:db8::1", 7, b"ping")
      relay.sendto(wrapped("2001:db8::1", 7, b"pong"), peer)
      assert client.recv(1) == b""
      """)
    let end = try await sockkit(
      "udp-send", "--proxy", url, "--expect", "1", "--hex", "2001:db8::1", "7", "ping")
    #expect(end.ending == .exit(0) && end.text.hasPrefix("[2001:db8::1]:7: 4 bytes\n"), "\(end)")
    let log = try await proxy.finished()
    #expect(log.ending == .exit(0), "\(log)")
  }

  @Test func `a proxy that does not know its address is sent to where it was reached`() async throws {
    let (receiver, target) = try await Self.receiver("--reply", "pong", "-c", "1")
    let (proxy, url, _) = try await Self.start(#"relaying(*associated("0.0.0.0"))"#)
    let end = try await sockkit("udp-send", "--proxy", url, "--expect", "1", "localhost", target, "ping")
    #expect(end == Finished(.exit(0), output: "[127.0.0.1] pong\n"))
    _ = try await (proxy.finished(), receiver.finished())
  }

  @Test func `a proxy that asks for a password gets it`() async throws {
    let (receiver, target) = try await Self.receiver("--reply", "pong", "-c", "1")
    let (proxy, _, port) = try await Self.start(
      """
      relaying(*associated(password=b"me:secret"))
      greeted(password=b"me:secret")
      """)
    func send(_ variable: String) async throws -> Finished {
      try await shell(
        "SOCKKIT_PROXY_AUTH=$1 sockkit udp-send --proxy socks5h://127.0.0.1:$2 --expect 1 localhost $3 ping",
        variable, "\(port)", target)
    }
    #expect(try await send("me:secret") == Finished(.exit(0), output: "[127.0.0.1] pong\n"))
    let message =
      "send to localhost:\(target) through proxy 127.0.0.1:\(port): the proxy refused the user or the password"
    #expect(try await send("me:wrong") == Finished(.exit(77), errors: "sockkit: \(message)\n"))
    _ = try await (proxy.finished(), receiver.finished())
  }

  @Test func `fragments, malformed datagrams and those of others are dropped`() async throws {
    let (proxy, url, _) = try await Self.start(
      """
      client, relay = associated()
      peer = relay.recvfrom(1 << 17)[1]
      other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      other.sendto(wrapped("192.0.2.1", 9, b"forged"), peer)
      for datagram in [
          wrapped("192.0.2.1", 9, b"fragment", 1), wrapped("192.0.2.1", 9, b"last", 0x82), b"", bytes(9),
          b"\\1" + wrapped("192.0.2.1", 9, b"reserved")[1:], wrapped("192.0.2.1", 9, b"")[:-1],
          b"\\0\\0\\0\\3\\377short", wrapped("192.0.2.1", 9, b"whole"),
      ]:
          relay.sendto(datagram, peer)
      assert client.recv(1) == b""
      """)
    let end = try await sockkit("udp-send", "--proxy", url, "--expect", "1", "host.example", "9", "ping")
    #expect(end == Finished(.exit(0), output: "[192.0.2.1] whole\n"))
    let log = try await proxy.finished()
    #expect(log.ending == .exit(0), "\(log)")
  }

  @Test(arguments: [false, true])
  func `an answer of another peer counts only on request`(isAny: Bool) async throws {
    let (proxy, url, _) = try await Self.start(
      """
      client, relay = associated()
      peer = relay.recvfrom(1 << 17)[1]
      relay.sendto(wrapped("192.0.2.2", 9, b"other"), peer)
      assert client.recv(1) == b""
      """)
    let end = try await sockkit(
      ["udp-send", "--proxy", url, "--expect", "1"] + (isAny ? ["--any-source"] : ["-W", "0.3"])
        + ["192.0.2.1", "9", "ping"])
    let message =
      "receive from 192.0.2.1:9: timed out, 0 of 1 replies came; 1 came from 192.0.2.2:9 (--any-source takes these)"
    #expect(
      end
        == (isAny
          ? Finished(.exit(0), output: "[192.0.2.2] other\n")
          : Finished(.exit(75), errors: "sockkit: \(message)\n")))
    _ = try await proxy.finished()
  }

  @Test func `DTLS goes through a proxy`() async throws {
    let authority = try await TestAuthority.shared()
    let receiver = RunningProgram.sockkit(
      ["udp-recv", "-v", "--prefix", "echo -> ", "-c", "2"] + authority.server() + ["127.0.0.1", "0"])
    let target = "\(try await receiver.announcedPort())"
    let (proxy, url, _) = try await Self.start("relaying(*associated())")
    let end = try await sockkit(
      ["udp-send", "--proxy", url, "--expect", "2"] + authority.client + ["localhost", target, "one", "two"])
    #expect(end == Finished(.exit(0), output: "[127.0.0.1] echo -> one\n[127.0.0.1] echo -> two\n"))
    _ = try await (proxy.finished(), receiver.finished())
  }

  @Test func `the longest message is that of a datagram less the header`() async throws {
    let (proxy, url, _) = try await Self.start(
      """
      client, relay = associated()
      say(len(relay.recv(1 << 17)))
      assert client.recv(1) == b""
      client, relay = associated()
      assert client.recv(1) == b""
      """)
    func send(_ count: Int) async throws -> Finished {
      try await sockkit(
        ["udp-send", "--proxy", url, "--whole", "192.0.2.1", "9"],
        input: .bytes([UInt8](repeating: 120, count: count)))
    }
    #expect(try await send(65_497) == Finished(.exit(0)))
    let message =
      "sockkit: standard input is longer than the 65497 bytes that fit into one datagram over SOCKS\n"
    #expect(try await send(65_498) == Finished(.exit(65), errors: message))
    let log = try await proxy.finished()
    #expect(log.ending == .exit(0) && log.text.hasSuffix("\n65507\n"), "\(log)")
  }

  @Test func `events name the proxy and the relay`() async throws {
    let (proxy, url, port) = try await Self.start("relaying(*associated())")
    let (receiver, target) = try await Self.receiver("-c", "1")
    let end = try await sockkit("udp-send", "-v", "--proxy", url, "localhost", target, "ping")
    #expect(
      end.generalized.errorLines.prefix(3) == [
        "sockkit: connected to 127.0.0.1:PORT from 127.0.0.1:PORT (tcp)",
        "sockkit: connected to localhost:\(target) through proxy 127.0.0.1:PORT",
        "sockkit: sending to 127.0.0.1:PORT (udp)",
      ], "\(end)")
    #expect(end.errors.contains("through proxy 127.0.0.1:\(port)"), "\(end)")
    #expect(end.errorLines.last?.hasPrefix("sockkit: sent 1 datagram (4 bytes)") == true, "\(end)")
    _ = try await (proxy.finished(), receiver.finished())
  }

  // MARK: How it ends

  /// What the proxy answers after the greeting, the status, and the reason.
  @Test(arguments: [
    (#"\5\1"#, 69, "general failure (SOCKS reply 1)"),
    (#"\5\2"#, 77, "not allowed by the rules of the proxy (SOCKS reply 2)"),
    (#"\5\3"#, 69, "network unreachable (SOCKS reply 3)"), (#"\5\6"#, 69, "timed out (SOCKS reply 6)"),
    (#"\5\7"#, 76, "the proxy does not support the command (SOCKS reply 7)"),
    (#"\4\0"#, 76, "the proxy does not speak SOCKS 5"),
    (#"\5\0\0\3\1a\0\1"#, 76, "the proxy replied without an address for datagrams"),
    (#"\5\0\0\1\177\0\0\1\0\0"#, 76, "the proxy replied without an address for datagrams"),
    (#"\5\0\0"#, 74, "the proxy ended the connection before its answer"),
  ])
  func `a refusal has its status`(reply: String, status: Int32, reason: String) async throws {
    let (proxy, url, port) = try await Self.start(
      """
      client = greeted()
      exactly(client, 10)
      client.sendall(b"\(reply)")
      client.shutdown(socket.SHUT_WR)
      """)
    let end = try await sockkit("udp-send", "--proxy", url, "host.example", "9", "ping")
    let message = "send to host.example:9 through proxy 127.0.0.1:\(port): \(reason)"
    #expect(end == Finished(.exit(status), errors: "sockkit: \(message)\n"))
    _ = try await proxy.finished()
  }

  @Test(arguments: ["client.close()", "reset(client)"])
  func `the end of the association ends the wait for answers, and standard input`(
    closing: String
  ) async throws {
    let (proxy, url, port) = try await Self.start(
      """
      for _ in range(2):
          client, relay = associated()
          relay.recv(1 << 17)
          \(closing)
      """)
    let reason = closing == "client.close()" ? "" : " (Connection reset by peer)"
    let message =
      "send to host.example:9 through proxy 127.0.0.1:\(port): the proxy ended the association\(reason)"
    let expected = Finished(.exit(69), errors: "sockkit: \(message)\n")
    #expect(
      try await sockkit("udp-send", "--proxy", url, "-W", "30s", "host.example", "9", "ping") == expected)
    let sender = RunningProgram.sockkit(["udp-send", "--proxy", url, "host.example", "9"], input: .pipe)
    sender.send("ping\n")
    #expect(try await sender.finished() == expected)
    _ = try await proxy.finished()
  }

  @Test func `a proxy that is silent or absent has its status`() async throws {
    let absent = SilentPort()
    #expect(
      try await sockkit(
        "udp-send", "--proxy", "socks5://127.0.0.1:\(absent.number)", "host.example", "9", "ping")
        == Finished(
          .exit(69), errors: "sockkit: connect to proxy 127.0.0.1:\(absent.number): Connection refused\n"))
    let (proxy, url, _) = try await Self.start("received(listener.accept()[0])")
    let late = try await sockkit(
      "udp-send", "-w", "0.3", "--proxy", url, "host.example", "9", "ping")
    #expect(
      late.generalized
        == Finished(
          .exit(75),
          errors: "sockkit: send to host.example:9 through proxy 127.0.0.1:PORT: Connection timed out\n"))
    _ = try await proxy.finished()
  }

  @Test func `an attempt is repeated while the proxy refuses`() async throws {
    let (receiver, target) = try await Self.receiver("--reply", "pong", "-c", "1")
    let (proxy, url, _) = try await Self.start(
      """
      client = greeted()
      exactly(client, 10)
      client.sendall(b"\\5\\1")
      client.close()
      relaying(*associated())
      """)
    let end = try await sockkit(
      "udp-send", "--retry", "30s", "--proxy", url, "--expect", "1", "localhost", target, "ping")
    #expect(end == Finished(.exit(0), output: "[127.0.0.1] pong\n"))
    _ = try await (proxy.finished(), receiver.finished())
  }

  @Test func `the environment counts on request, and exceptions are sent to directly`() async throws {
    let (receiver, target) = try await Self.receiver("-c", "3")
    let (proxy, url, _) = try await Self.start("relaying(*associated())")
    let script = """
      export ALL_PROXY=$1
      sockkit udp-send localhost $2 1 && sockkit udp-send -4 --proxy env --no-proxy localhost localhost $2 2 &&
      sockkit udp-send --proxy env localhost $2 3
      """
    #expect(try await shell(script, url, target) == Finished(.exit(0)))
    #expect(try await receiver.finished().text == "[127.0.0.1] 1\n[127.0.0.1] 2\n[127.0.0.1] 3\n")
    #expect(try await proxy.finished().text.hasSuffix("\ntarget localhost \(target)\n"))
  }

  @Test(arguments: [
    (["--proxy", "http://x"], "x:3128 speaks http: only a socks5 proxy relays datagrams"),
    (["--proxy", "https://x"], "x:443 speaks https: only a socks5 proxy relays datagrams"),
    (["--proxy", "socks4a://x"], "x:1080 speaks socks4a: only a socks5 proxy relays datagrams"),
    (
      ["--proxy", "socks5://x", "--proxy", "socks5://y"],
      "datagrams go through one proxy only, not through 2"
    ),
    (["--proxy", "socks5://x", "--broadcast"], "--proxy and --broadcast exclude each other"),
    (["--proxy", "socks5://x", "--ttl", "3"], "--proxy and --ttl exclude each other"),
    (["-w", "1"], "-w has no effect without --proxy (to wait for replies, use '-W DURATION')"),
    (["--proxy-dns", "local"], "--proxy-dns has no effect without --proxy"),
  ])
  func `a bad command line is refused`(options: [String], message: String) async throws {
    let end = try await sockkit(["udp-send"] + options + ["host.example", "9", "ping"])
    #expect(end.ending == .exit(64), "\(end)")
    #expect(end.errorLines.first == "sockkit: \(message)", "\(end)")
  }

  @Test func `a Unix socket, and a name that is too long, cannot be reached through a proxy`() async throws {
    let unix = try await sockkit("udp-send", "--proxy", "socks5://127.0.0.1:9", "unix:/x", "ping")
    #expect(
      unix.ending == .exit(64) && unix.errors.contains("--proxy does not apply to a Unix socket"), "\(unix)")
    let long = String(repeating: "a.", count: 130)
    let end = try await sockkit("udp-send", "--proxy", "socks5://127.0.0.1:9", long, "9", "ping")
    #expect(end.ending == .exit(64) && end.errors.contains("is longer than 255 bytes"), "\(end)")
  }
}
