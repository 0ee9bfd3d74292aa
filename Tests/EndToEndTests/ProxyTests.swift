// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Connections through proxies: what reaches the target, and what a refusal means.
@Suite(.takingTurns)
struct ProxyTests {
  /// Serves as a proxy of the protocols in `arguments`, one byte at a time, and prints what it is asked for.
  private static let proxy = """
    listener = listening()
    password = arguments[0] if arguments else None

    def until(client, end):
        content = b""
        while not content.endswith(end): content += exactly(client, 1)
        return content

    def slowly(client, content):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in content: client.send(bytes([byte]))

    def relay(source, sink):
        while part := source.recv(1 << 16): sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)

    def asked(client):
        first = exactly(client, 1)[0]
        if first == 5:
            methods = exactly(client, exactly(client, 1)[0])
            slowly(client, bytes([5]))
            if not password: slowly(client, bytes([0]))
            else:
                if 2 not in methods: return slowly(client, bytes([255]))
                slowly(client, bytes([2]))
                exactly(client, 1)
                user = exactly(client, exactly(client, 1)[0])
                word = exactly(client, exactly(client, 1)[0])
                good = user + b":" + word == password.encode()
                slowly(client, bytes([1, 0 if good else 1]))
                if not good: return None
            kind = exactly(client, 4)[3]
            if kind == 3: host = exactly(client, exactly(client, 1)[0]).decode()
            else: host = socket.inet_ntop(
                socket.AF_INET if kind == 1 else socket.AF_INET6, exactly(client, 4 if kind == 1 else 16))
            port = struct.unpack(">H", exactly(client, 2))[0]
            return "socks5", host, port, bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        if first == 4:
            exactly(client, 1)
            port = struct.unpack(">H", exactly(client, 2))[0]
            address = exactly(client, 4)
            user = until(client, b"\\0")[:-1].decode()
            host = socket.inet_ntoa(address)
            if host == "0.0.0.1": host = until(client, b"\\0")[:-1].decode()
            return "socks4 " + user, host, port, bytes([0, 90, 0, 0, 0, 0, 0, 0])
        head = (bytes([first]) + until(client, b"\\r\\n\\r\\n")).decode().split("\\r\\n")
        fields = dict(line.split(": ", 1) for line in head[1:] if line)
        if password:
            answer = fields.get("Proxy-Authorization", "")
            values = dict(
                item.split("=", 1) for item in answer.removeprefix("Digest ").split(", ") if "=" in item)
            def digest(*words): return hashlib.sha256(":".join(words).encode()).hexdigest()
            name, word = password.split(":")
            secret = digest(name, "r", word)
            expected = digest(
                secret, "n", values.get("nc", ""), values.get("cnonce", "").strip('"'), "auth",
                digest("CONNECT", head[0].split()[1]))
            if values.get("response", "").strip('"') != expected:
                say("407")
                slowly(client, b"HTTP/1.1 407 Login\\r\\nProxy-Authenticate: Digest realm=r, nonce=n, qop=auth, "
                    b"algorithm=SHA-256\\r\\nProxy-Authenticate: Basic realm=r\\r\\n\\r\\n")
                return None
        host, port = head[0].split()[1].rsplit(":", 1)
        extra = fields.get("X-Test", "")
        return "http " + extra, host.strip("[]"), int(port), b"HTTP/1.1 200 Go\\r\\nVia: x\\r\\n\\r\\n"

    def serve(client):
        try:
            request = asked(client)
            # What is unread would make the close a reset.
            if request is None: return received(client) and client.close()
            kind, host, port, answer = request
            say(kind.strip(), host, port)
            target = socket.create_connection((host, port))
        except (ConnectionError, OSError):
            return client.close()
        slowly(client, answer)
        threading.Thread(target=relay, args=(target, client), daemon=True).start()
        relay(client, target)

    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    """

  private static func start(_ password: String...) async throws -> (program: RunningProgram, port: Int) {
    let program = RunningProgram(try .python(proxy, password))
    return (program, Int(try await program.printedPort()))
  }

  private static func echo() async throws -> (program: RunningProgram, port: Int) {
    let program = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    return (program, Int(try await program.announcedPort()))
  }

  private static func stop(_ programs: RunningProgram...) async throws {
    for program in programs {
      program.signal(15)
      _ = try await program.finished()
    }
  }

  @Test(arguments: [
    ("http", "http localhost"), ("socks5", "socks5 localhost"), ("socks5h", "socks5 localhost"),
    ("socks4a", "socks4 localhost"), ("socks4", "socks4 127.0.0.1"),
  ])
  func `a target is reached through a proxy, and both ends are passed on`(
    scheme: String, request: String
  ) async throws {
    let (proxy, port) = try await Self.start()
    let (echo, target) = try await Self.echo()
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let end = try await sockkit(
      "connect", "--proxy", "\(scheme)://127.0.0.1:\(port)", "localhost", "\(target)", input: .bytes(bytes))
    #expect(end.ending == .exit(0) && end.output == bytes, "\(end.errors)")
    _ = try await proxy.outputLine(containing: "\(request) \(target)")
    try await Self.stop(proxy, echo)
  }

  @Test func `addresses, fields, users and local look-ups reach the proxy`() async throws {
    let (proxy, port) = try await Self.start()
    let (echo, target) = try await Self.echo()
    func connect(_ options: String...) async throws {
      let end = try await sockkit(
        ["connect"] + options + ["localhost", "\(target)"], input: .bytes(Array("x".utf8)))
      #expect(end == Finished(.exit(0), output: "x"))
    }
    try await connect(
      "--proxy", "127.0.0.1:\(port)", "--proxy-header", "X-Test: y", "--proxy-dns", "local", "-4")
    _ = try await proxy.outputLine(containing: "http y 127.0.0.1 \(target)")
    try await connect("--proxy", "socks4://me@127.0.0.1:\(port)")
    _ = try await proxy.outputLine(containing: "socks4 me 127.0.0.1 \(target)")
    try await connect("--proxy", "http://127.0.0.1:9", "--no-proxy", "other,localhost")
    try await Self.stop(proxy, echo)
  }

  @Test func `a chain is followed in its order`() async throws {
    let (first, firstPort) = try await Self.start()
    let (second, secondPort) = try await Self.start()
    let (echo, target) = try await Self.echo()
    let end = try await sockkit(
      "connect", "-v", "--proxy", "http://127.0.0.1:\(firstPort)", "--proxy",
      "socks5://localhost:\(secondPort)",
      "localhost", "\(target)", input: .bytes(Array("through both".utf8)))
    #expect(end.ending == .exit(0) && end.text == "through both", "\(end)")
    #expect(
      end.errors.contains(
        "connected to localhost:\(target) through proxy 127.0.0.1:\(firstPort), localhost:\(secondPort)\n"),
      "\(end)")
    _ = try await first.outputLine(containing: "http localhost \(secondPort)")
    _ = try await second.outputLine(containing: "socks5 localhost \(target)")
    try await Self.stop(first, second, echo)
  }

  @Test(arguments: ["http", "socks5"])
  func `a proxy that asks for a password gets it, in every subcommand`(scheme: String) async throws {
    let (proxy, port) = try await Self.start("me:secret")
    let (echo, target) = try await Self.echo()
    let directory = try TemporaryDirectory()
    let file = try directory.write("me:secret\n", to: "auth")
    let options = ["--proxy", "\(scheme)://127.0.0.1:\(port)", "--proxy-auth-file", file]
    let end = try await sockkit(
      ["connect"] + options + ["localhost", "\(target)"], input: .bytes(Array("x".utf8)))
    #expect(end == Finished(.exit(0), output: "x"))
    #expect(
      try await sockkit(["connect", "-z"] + options + ["localhost", "\(target)"]) == Finished(.exit(0)))

    let command = try await sockkit(
      ["connect"] + options + [
        "localhost", "\(target)", "--", "sh", "-c", "echo y; read line; [ $line = y ]",
      ])
    #expect(command.ending == .exit(0), "\(command)")

    let forward = RunningProgram.sockkit(
      ["forward", "-v"] + options + ["127.0.0.1:0", "localhost:\(target)"])
    let forwarded = try await sockkit(
      "connect", "127.0.0.1", "\(try await forward.announcedPort())", input: .bytes(Array("z".utf8)))
    #expect(forwarded == Finished(.exit(0), output: "z"))

    let server = RunningProgram.sockkit(["calc-server", "-v", "127.0.0.1:0"])
    let sum = try await sockkit(
      ["calc"] + options + ["localhost", "\(try await server.announcedPort())", "1 + 2"])
    #expect(sum == Finished(.exit(0), output: "3\n"))

    let wrong = try await sockkit(
      "connect", "--proxy", "\(scheme)://me:wrong@127.0.0.1:\(port)", "localhost", "\(target)")
    #expect(wrong.ending == .exit(77), "\(wrong)")
    #expect(
      wrong.errorLines.first?.contains("others on this machine can see the password") == true, "\(wrong)")
    let none = try await sockkit(
      "connect", "--proxy", "\(scheme)://127.0.0.1:\(port)", "localhost", "\(target)")
    #expect(none.ending == .exit(77) && none.errors.contains("(--proxy-auth-file FILE)"), "\(none)")
    try await Self.stop(proxy, echo, forward, server)
  }

  @Test func `TLS goes through a proxy, and to it`() async throws {
    let authority = try await TestAuthority.shared()
    let (proxy, port) = try await Self.start()
    let tls = RunningProgram.sockkit(
      ["forward", "-v"] + authority.server() + ["127.0.0.1:0", "127.0.0.1:\(port)"])
    let echo = RunningProgram.sockkit(["echo-server", "-v"] + authority.server() + ["127.0.0.1:0"])
    let target = "\(try await echo.announcedPort())"
    let protected = "https://localhost:\(try await tls.announcedPort())"
    let end = try await sockkit(
      ["connect", "--proxy", protected, "--proxy-tls-ca", authority.certificate] + authority.client
        + ["localhost", target], input: .bytes(Array("twice protected".utf8)))
    #expect(end == Finished(.exit(0), output: "twice protected"))
    let untrusted = try await sockkit(
      ["connect", "--proxy", protected] + authority.client + ["localhost", target])
    #expect(untrusted.ending == .exit(77), "\(untrusted)")
    #expect(untrusted.errors.contains("is not signed by a trusted authority"), "\(untrusted)")
    try await Self.stop(tls, proxy, echo)
  }

  /// What a proxy answers, and what the client says of that.
  @Test(arguments: [
    ("http", "HTTP/1.1 502 Bad Gateway\r\n\r\n", 69, "the proxy answered '502 Bad Gateway'"),
    ("http", "HTTP/1.1 403 No\r\n\r\n", 77, "the proxy answered '403 No'"),
    ("http", "HTTP/1.1 404 No\r\n\r\n", 76, "the proxy answered '404 No'"),
    ("http", "SSH-2.0-x\r\n", 76, "the proxy does not speak HTTP: 'SSH-2.0-x'"),
    ("http", "HTTP/1.1 200", 74, "the proxy ended the connection before its answer"),
    ("socks5", "\u{5}\0\u{5}\u{5}", 69, "connection refused (SOCKS reply 5)"),
    ("socks5", "\u{5}\0\u{5}\u{2}", 77, "not allowed by the rules of the proxy (SOCKS reply 2)"),
    ("socks4a", "\0\u{5B}", 69, "the proxy rejected the request, or failed (SOCKS reply 91)"),
    ("socks4a", "", 74, "the proxy ended the connection before its answer"),
  ])
  func `a refusal has its status and its reason`(
    scheme: String, answer: String, status: Int32, reason: String
  ) async throws {
    let proxy = try RunningProgram.python(
      """
      client = accepted()
      client.recv(1)
      client.sendall(bytes.fromhex(arguments[0]))
      try:
          client.shutdown(socket.SHUT_WR)
          received(client)
      except OSError: pass
      """, answer.utf8.map { String(0x100 + Int($0), radix: 16).suffix(2) }.joined())
    let port = try await proxy.printedPort()
    let end = try await sockkit("connect", "--proxy", "\(scheme)://127.0.0.1:\(port)", "host.example", "80")
    #expect(
      end
        == Finished(
          .exit(status),
          errors: "sockkit: connect to host.example:80 through proxy 127.0.0.1:\(port): \(reason)\n"))
    _ = try await proxy.finished()
  }

  @Test func `a proxy that is silent or absent has its status`() async throws {
    let silent = SilentPort()
    let absent = try await sockkit(
      "connect", "--proxy", "socks5://127.0.0.1:\(silent.number)", "host.example", "80")
    #expect(
      absent.generalized
        == Finished(.exit(69), errors: "sockkit: connect to proxy 127.0.0.1:PORT: Connection refused\n"))
    for (scheme, options) in [("http", []), ("socks5", ["--tls"]), ("https", [])] {
      let listener = RunningProgram.sockkit(["listen", "-v", "127.0.0.1:0"], input: .pipe)
      let late = try await sockkit(
        ["connect", "-w", "0.3", "--proxy", "\(scheme)://127.0.0.1:\(try await listener.announcedPort())"]
          + options + ["host.example", "80"])
      let attempt =
        scheme == "https"
        ? "TLS with 127.0.0.1:PORT" : "connect to host.example:80 through proxy 127.0.0.1:PORT"
      #expect(
        late.generalized
          == Finished(.exit(75), errors: "sockkit: \(attempt): Connection timed out\n"))
      try await Self.stop(listener)
    }
  }

  @Test func `an attempt is repeated while the proxy cannot reach the target`() async throws {
    let proxy = try RunningProgram.python(
      """
      listener = listening()
      for answer in [b"HTTP/1.1 503 Later\\r\\n\\r\\n", b"HTTP/1.1 503 Later\\r\\n\\r\\n", b"HTTP/1.1 200 Now\\r\\n\\r\\nhello"]:
          client = listener.accept()[0]
          client.recv(1000)
          client.sendall(answer)
          # The client resets the connection as soon as it has read the refusal.
          try:
              client.shutdown(socket.SHUT_WR)
              received(client)
          except OSError: pass
      """)
    let end = try await sockkit(
      "connect", "--retry", "1m", "--proxy", "http://127.0.0.1:\(try await proxy.printedPort())",
      "host.example",
      "80")
    #expect(end == Finished(.exit(0), output: "hello"))
    #expect(try await proxy.finished().ending == .exit(0))
  }

  @Test func `ports are checked through a proxy`() async throws {
    let (proxy, port) = try await Self.start()
    let (echo, target) = try await Self.echo()
    let closed = SilentPort()
    let end = try await sockkit(
      "connect", "-zv", "--proxy", "http://127.0.0.1:\(port)", "localhost", "\(target),\(closed.number)")
    #expect(end.ending == .exit(69), "\(end)")
    #expect(end.errorLines.contains { $0.hasPrefix("sockkit: localhost:\(target): open after ") }, "\(end)")
    #expect(
      end.errorLines.contains {
        $0.hasPrefix("sockkit: localhost:\(closed.number): closed after ")
          && $0.hasSuffix("(the proxy ended the connection before its answer)")
      }, "\(end)")
    let absent = try await sockkit(
      "connect", "-zv", "--proxy", "http://127.0.0.1:\(closed.number)", "localhost", "80")
    #expect(absent.ending == .exit(69), "\(absent)")
    #expect(absent.errors.contains("(connect to proxy: Connection refused)"), "\(absent)")
    try await Self.stop(proxy, echo)
  }

  @Test func `an answer that a half-close has cost is pointed out`() async throws {
    let proxy = try RunningProgram.python(
      """
      client = accepted()
      client.recv(1000)
      client.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
      received(client)
      """)
    let end = try await sockkit(
      "connect", "--proxy", "http://127.0.0.1:\(try await proxy.printedPort())", "host.example", "80",
      input: .bytes(Array("question".utf8)))
    #expect(
      end
        == Finished(
          .exit(0),
          errors:
            "sockkit: no answer: some proxies drop it once the client has sent everything (--no-shutdown)\n"))
    _ = try await proxy.finished()
  }

  @Test func `the environment counts only if it is asked for`() async throws {
    let (proxy, port) = try await Self.start()
    let (echo, target) = try await Self.echo()
    let script = """
      export ALL_PROXY=socks5://127.0.0.1:$1 SOCKKIT_PROXY_AUTH=a:b
      echo 1 | sockkit connect 127.0.0.1 $2 && echo 2 | sockkit connect --proxy env localhost $2 &&
      echo 3 | NO_PROXY=.example,127.0.0.0/8 sockkit connect --proxy env 127.0.0.1 $2 &&
      unset ALL_PROXY && echo 4 | sockkit connect --proxy env 127.0.0.1 $2
      """
    let end = try await shell(script, "\(port)", "\(target)")
    #expect(end == Finished(.exit(0), output: "1\n2\n3\n4\n"))
    proxy.signal(15)
    let asked = try await proxy.finished().text.split(separator: "\n").filter { $0.hasPrefix("socks5") }
    #expect(asked == ["socks5 localhost \(target)"])
    try await Self.stop(echo)
  }

  @Test(arguments: [
    (
      ["--proxy", "ftp://x"], 64,
      "--proxy: 'ftp://x': the scheme must be one of http, https, socks4, socks4a, socks5, socks5h"
    ),
    (["--no-proxy", "x"], 64, "--no-proxy has no effect without --proxy"),
    (
      ["--proxy", "env", "--proxy", "http://x"], 64,
      "--proxy env stands for all proxies, and cannot be one of several"
    ),
    (
      ["--proxy", "http://x", "--proxy-isolate", "x"], 64,
      "--proxy-isolate requires a proxy that speaks SOCKS 5"
    ),
    (["--proxy", "socks5://x", "--proxy-header", "A: b"], 64, "--proxy-header requires an HTTP proxy"),
    (["--proxy", "http://x", "--proxy-insecure"], 64, "--proxy-insecure requires an https proxy"),
    (
      ["--proxy", "http://x", "--proxy-auth-file", "/nonexistent"], 66,
      "read /nonexistent: No such file or directory"
    ),
    (
      ["--proxy", "http://x", "--proxy-auth-file", "/dev/null"], 65,
      "/dev/null: expected USER:PASSWORD or 'Bearer TOKEN' in one line"
    ),
    (["--proxy", "http://u@x"], 64, "no terminal to ask for the password of u (--proxy-auth-file FILE)"),
    (
      ["--proxy", "http://x", "--blocking"], 64,
      "--blocking uses plain blocking calls: it excludes --proxy"
    ),
  ])
  func `a bad command line is refused`(options: [String], status: Int32, message: String) async throws {
    let end = try await sockkit(["connect"] + options + ["host.example", "80"])
    #expect(end.ending == .exit(status), "\(end)")
    #expect(end.errorLines.first == "sockkit: \(message)", "\(end)")
  }

  @Test func `a name that is none, or is too long, is not sent to a proxy`() async throws {
    let odd = try await sockkit("connect", "--proxy", "http://127.0.0.1:9", "a b", "80")
    #expect(odd.ending == .exit(68), "\(odd)")
    let long = String(repeating: "a.", count: 130)
    let end = try await sockkit("connect", "--proxy", "http://127.0.0.1:9", long, "80")
    #expect(end.ending == .exit(64) && end.errors.contains("is longer than 255 bytes"), "\(end)")
    let address = try await sockkit("connect", "--proxy", "socks4://127.0.0.1:9", "::1", "80")
    #expect(address.ending == .exit(64) && address.errors.contains("has no IPv6 addresses"), "\(address)")
  }
}
