// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// How TLS connections end, and what the status says of that.
@Suite(.takingTurns)
struct TLSEndTests {
  /// Serves one client: sends 100,004 bytes, or answers with what it has received, and ends in a given way.
  private static let server = """
    import ssl
    way, version, certificate, key = arguments
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.minimum_version = context.maximum_version = {
        "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
    client = accepted()

    def reset():
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    if way == "no handshake":
        # What is unread would make the close a reset.
        client.recv(65536)
        client.close()
    elif way == "reset in handshake":
        client.recv(5)
        reset()
    elif way == "no TLS":
        client.recv(5)
        client.sendall(b"HTTP/1.0 400 Bad Request\\r\\n\\r\\n")
        client.close()
    elif way == "silence":
        sys.stdin.read()
    else:
        protected = context.wrap_socket(client, server_side=True, suppress_ragged_eofs=False)
        if way == "FIN after all":
            while protected.recv(65536): pass
            socket.socket.shutdown(protected, socket.SHUT_WR)
            sys.stdin.read()
        elif way == "answer":
            content = b""
            while True:
                try:
                    piece = protected.recv(65536)
                except ssl.SSLZeroReturnError:
                    piece = b""
                if not piece:
                    break
                content += piece
            protected.sendall(str(len(content)).encode())
            protected.unwrap()
        else:
            protected.sendall(b"x" * 100004)
            # Everything has arrived before the end.
            fcntl_result = bytearray(4)
            while True:
                fcntl.ioctl(protected.fileno(), termios.TIOCOUTQ, fcntl_result)
                if struct.unpack("i", fcntl_result)[0] == 0:
                    break
            if way == "close_notify":
                protected.unwrap()
            elif way == "FIN":
                protected.shutdown(socket.SHUT_RDWR)
            else:
                client = protected
                reset()
                sys.exit()
        protected.close()
    """

  private func connect(
    _ way: String, _ version: String, _ options: String..., input: RunningProgram.Input = .file("/dev/null")
  ) async throws -> Finished {
    let authority = try await TestAuthority.shared()
    let server = try RunningProgram.python(
      Self.server, way, version, authority.certificate("good"), authority.key("good"))
    let port = try await server.printedPort()
    let end = try await sockkit(
      ["connect"] + authority.client + options + ["127.0.0.1", "\(port)"], input: input)
    server.closeInput()
    _ = try await server.finished()
    return Finished(end.ending, output: end.output, errors: end.errors).generalized
  }

  private static let whole = String(repeating: "x", count: 100_004)

  @Test(arguments: ["1.2", "1.3"])
  func `only close_notify is an end in order`(version: String) async throws {
    #expect(try await connect("close_notify", version) == Finished(.exit(0), output: Self.whole))
    #expect(
      try await connect("FIN", version)
        == Finished(
          .exit(74), output: Self.whole,
          errors: "sockkit: receive from 127.0.0.1:PORT: ended without close_notify: it may be cut short "
            + "(--tls-allow-truncation to accept that)\n"))
    #expect(
      try await connect("FIN", version, "--tls-allow-truncation") == Finished(.exit(0), output: Self.whole))
    let reset = try await connect("reset", version)
    #expect(
      reset
        == Finished(
          .exit(74), output: Self.whole,
          errors: "sockkit: receive from 127.0.0.1:PORT: Connection reset by peer\n"
        ))
  }

  @Test(arguments: ["1.2", "1.3"])
  func `the end of input is close_notify, and the answer is still read`(version: String) async throws {
    let input = RunningProgram.Input.bytes([UInt8](repeating: 7, count: 3_000_000))
    #expect(try await connect("answer", version, input: input) == Finished(.exit(0), output: "3000000"))
    #expect(try await connect("answer", version, "--send-only", input: input) == Finished(.exit(0)))
  }

  @Test(arguments: ["1.2", "1.3"])
  func `what --send-only discards need not end in order`(version: String) async throws {
    let input = RunningProgram.Input.bytes([UInt8](repeating: 7, count: 300_000))
    #expect(try await connect("FIN after all", version, "--send-only", input: input) == Finished(.exit(0)))
  }

  @Test(arguments: ["1.2", "1.3"])
  func `with --tls-allow-truncation a FIN alone is a half-close, and the answer is sent`(
    version: String
  ) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["listen", "-v", "--tls-allow-truncation", "--tls-max", version] + authority.server() + ["127.0.0.1:0"])
    let client = try RunningProgram.python(
      """
      import ssl
      context = ssl.create_default_context(cafile=arguments[0])
      protected = context.wrap_socket(connected(arguments[1]), server_hostname="localhost")
      protected.sendall(b"question")
      socket.socket.shutdown(protected, socket.SHUT_WR)
      answer = b""
      while part := protected.recv(65536):
          answer += part
      say(len(answer))
      """, authority.certificate, "\(try await server.announcedPort())")
    try await server.output(ofAtLeast: 8)
    server.send([UInt8](repeating: 7, count: 300_000))
    server.closeInput()
    #expect(try await client.finished() == Finished(.exit(0), output: "300000\n"))
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text == "question", "\(end)")
  }

  @Test func `a handshake that is none has its own status`() async throws {
    #expect(
      try await connect("no handshake", "1.3")
        == Finished(
          .exit(74),
          errors: "sockkit: TLS with 127.0.0.1:PORT: the server ended the connection during the handshake\n"
        ))
    #expect(
      try await connect("reset in handshake", "1.3")
        == Finished(.exit(74), errors: "sockkit: receive from 127.0.0.1:PORT: Connection reset by peer\n"))
    #expect(
      try await connect("no TLS", "1.3")
        == Finished(.exit(76), errors: "sockkit: TLS with 127.0.0.1:PORT: the server does not speak TLS\n"))
    #expect(
      try await connect("silence", "1.3", "-w", "0.2")
        == Finished(.exit(75), errors: "sockkit: TLS with 127.0.0.1:PORT: Connection timed out\n"))
  }

  /// A client that says nothing, one that is no client of TLS, and one that is.
  @Test(arguments: ["event", "thread", "fork"])
  func `a client without a handshake delays nobody, and is cut off`(model: String) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--model", model, "--handshake-timeout", "0.3"] + authority.server() + [
        "127.0.0.1:0"
      ])
    let port = "\(try await server.announcedPort())"
    let silent = try await RunningProgram.clientsWithoutHandshake(
      at: port, sending: "GET / HTTP/1.0\r\n")
    let client = try await sockkit(
      ["connect"] + authority.client + ["localhost", port], input: .bytes(Array("hello".utf8)))
    #expect(client == Finished(.exit(0), output: "hello"))
    silent.closeInput()
    #expect(try await silent.finished().ending == .exit(0))
    server.signal(15)
    let log = try await server.finished()
    #expect(log.ending == .exit(0), "\(log)")
    #expect(
      log.errorLines.count { $0.hasSuffix(": Connection timed out") } == RunningProgram.silentClients,
      "\(log)")
    #expect(log.errorLines.count { $0.hasSuffix("the client does not speak TLS") } == 1, "\(log)")
  }

  @Test(arguments: ["event", "thread", "fork"])
  func `a server that stops does not wait for handshakes`(model: String) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      [
        "echo-server", "-v", "--model", model, "--grace", "1h", "--handshake-timeout", "1h", "--deny",
        "127.0.0.2",
      ] + authority.server() + ["127.0.0.1:0"])
    let client = try RunningProgram.python(
      """
      client = connected(arguments[0])
      turned_away(arguments[0])
      say("accepted")
      try:
          assert client.recv(1) == b""
      except ConnectionResetError:
          pass
      """, "\(try await server.announcedPort())")
    _ = try await client.outputLine(containing: "accepted")
    server.signal(15)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(try await client.finished().ending == .exit(0))
  }

  @Test(arguments: ["event", "thread", "fork"])
  func `the alert of a failed handshake is followed by the end of the stream`(model: String) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--model", model] + authority.server() + ["127.0.0.1:0"])
    let client = try await python(
      """
      with connected(arguments[0]) as client:
          client.sendall(bytes([22, 3, 1, 0, 4, 1, 0, 0, 0]))
          print(received(client).hex())
      """, "\(try await server.announcedPort())")
    #expect(client == Finished(.exit(0), output: "15030300020232\n"))
    server.signal(15)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `the alert of a failed handshake is an event of both sides`() async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--log-format", "json"] + authority.server("expired") + ["127.0.0.1:0"])
    let port = "\(try await server.announcedPort(asJSON: true))"
    let client = try await sockkit(
      ["connect", "-v", "--log-format", "json"] + authority.client + ["localhost", port])
    #expect(client.ending == .exit(77), "\(client)")
    let alert = #""name":"certificate_expired","number":45"#
    #expect(client.errors.contains(#""alert":{"direction":"sent",\#(alert)}"#), "\(client)")
    server.signal(15)
    let end = try await server.finished()
    #expect(end.errors.contains(#""alert":{"direction":"received",\#(alert)}"#), "\(end)")
  }

  @Test func `a client that fails its handshake is the one connection of listen, and not that of listen -k`()
    async throws
  {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    for options in [[], ["-k", "--output-dir", directory.path]] {
      let server = RunningProgram.sockkit(["listen", "-v"] + options + authority.server() + ["127.0.0.1:0"])
      let port = "\(try await server.announcedPort())"
      let plain = try await sockkit("connect", "127.0.0.1", port, input: .bytes(Array("plain text".utf8)))
      #expect(plain.ending != .exit(0), "\(plain)")
      if !options.isEmpty {
        let good = try await sockkit(
          ["connect"] + authority.client + ["localhost", port], input: .bytes(Array("secret".utf8)))
        #expect(good.ending == .exit(0), "\(good)")
        server.signal(15)
      }
      let end = try await server.finished()
      #expect(end.ending == .exit(options.isEmpty ? 76 : 0), "\(end)")
    }
    #expect(try await shell("cat \"$1\"/*", directory.path).text == "secret")
  }

  @Test func `a renewed certificate is served after SIGHUP, and a bad one is not`() async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    func install(_ name: String) async throws {
      let end = try await shell(
        "cat \"$1\" \"$2\" > \"$3/new\" && mv \"$3/new\" \"$3/current\"", authority.certificate(name),
        authority.key(name), directory.path)
      #expect(end.ending == .exit(0), "\(end)")
    }
    try await install("good")
    let server = RunningProgram.sockkit(
      "http-server", "-v", "--tls", "--tls-cert", directory.file("current"), "--text", "well", "127.0.0.1:0")
    let port = "\(try await server.announcedPort())"
    func check(_ name: String) async throws -> Finished {
      try await sockkit(["connect", "-z", "--tls-name", name] + authority.client + ["localhost", port])
    }
    #expect(try await check("localhost").ending == .exit(0))
    try await install("other")
    server.signal(1)
    var isRenewed = false
    for _ in 0..<100 where !isRenewed { isRenewed = try await check("a.example").ending == .exit(0) }
    #expect(isRenewed)
    _ = try directory.write("nothing", to: "current")
    server.signal(1)
    _ = try await server.errorLine(
      containing: "kept the old certificate: read \(directory.file("current")): neither PEM")
    #expect(try await check("a.example").ending == .exit(0))
    server.signal(15)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a forwarder protects either side`() async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 3, to: "sent")
    for (isProtectedClient, isProtectedTarget) in [(true, false), (false, true), (true, true)] {
      let echo = RunningProgram.sockkit(
        ["echo-server", "-v"] + (isProtectedTarget ? authority.server() : []) + ["127.0.0.1:0"])
      let target = "localhost:\(try await echo.announcedPort())"
      let forwarder = RunningProgram.sockkit(
        ["forward", "-v"] + (isProtectedClient ? authority.server() : [])
          + (isProtectedTarget ? ["--tls-target", "--tls-ca", authority.certificate] : []) + [
            "127.0.0.1:0", target,
          ])
      let port = "\(try await forwarder.announcedPort())"
      let end = try await sockkit(
        ["connect"] + (isProtectedClient ? authority.client : []) + ["localhost", port], input: .file(file),
        output: .file(directory.file("received")))
      #expect(end.ending == .exit(0), "\(end)")
      let digests = try await directory.digests("sent", "received")
      #expect(digests[0] == digests[1])
      for program in [forwarder, echo] {
        program.signal(15)
        #expect(try await program.finished().ending == .exit(0))
      }
    }
  }

  @Test func `a forwarder resets the client of a target that is not trusted`() async throws {
    let authority = try await TestAuthority.shared()
    let echo = RunningProgram.sockkit(["echo-server", "-v"] + authority.server("other") + ["127.0.0.1:0"])
    let target = "localhost:\(try await echo.announcedPort())"
    let forwarder = RunningProgram.sockkit(
      "forward", "-v", "--tls-target", "--tls-ca", authority.certificate, "127.0.0.1:0", target)
    let client = try await sockkit("connect", "127.0.0.1", "\(try await forwarder.announcedPort())")
    #expect(client.ending == .exit(74), "\(client)")
    forwarder.signal(15)
    let end = try await forwarder.finished()
    #expect(
      end.errors.contains("the certificate is for 'a.example, b.example', not for 'localhost'"), "\(end)")
    echo.signal(15)
    _ = try await echo.finished()
  }

  @Test func `a command learns what is known of its client`() async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["listen", "-v", "--tls-client-ca", authority.certificate] + authority.server()
        + [
          "127.0.0.1:0", "--sh-exec",
          "echo $SSL_PROTOCOL $SSL_CLIENT_VERIFY $SSL_CLIENT_S_DN $SSL_TLS_SNI; cat",
        ])
    let end = try await sockkit(
      ["connect", "--tls-cert", authority.certificate("client"), "--tls-key", authority.key("client")]
        + authority.client + ["localhost", "\(try await server.announcedPort())"],
      input: .bytes(Array("more\n".utf8)))
    #expect(end == Finished(.exit(0), output: "TLSv1.3 SUCCESS CN=client localhost\nmore\n"))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: [
    (["listen", "--tls", "0"], "--tls requires --tls-cert FILE, or --tls-self-signed for a new certificate"),
    (
      ["connect", "--tls-pin", "sha256//x", "--tls", "h", "1"],
      "invalid value 'sha256//x' for --tls-pin: 'sha256//x' is not a pin such as sha256//BASE64 or SHA256:HEX"
    ),
    (["connect", "--tls-name", "x", "h", "1"], "--tls-name has no effect without --tls"),
    (["connect", "--tls", "--tls-name", "", "h", "1"], "'' is not a name that a certificate could be for"),
    (
      ["connect", "--tls", "--tls-name", ".example", "h", "1"],
      "'.example' is not a name that a certificate could be for"
    ),
    (
      ["connect", "--tls", "--tls-sni", "192.0.2.1", "h", "1"],
      "'192.0.2.1' is an address, and --tls-sni is for names only"
    ),
    (
      ["connect", "--tls", "--insecure", "--tls-ca", "f", "h", "1"],
      "--insecure and --tls-ca exclude each other"
    ),
    (
      ["connect", "--tls", "-U", "/tmp/x"],
      "TLS over a Unix socket requires --tls-name: a path is not a name to verify"
    ),
    (
      ["listen", "--tls", "--tls-cert", "f", "--tls-client-auth", "require", "0"],
      "--tls-client-auth require requires --tls-client-ca FILE or --tls-pin PIN"
    ),
    (["listen", "--tls-staple", "f", "0"], "--tls-staple has no effect without --tls"),
    (
      ["listen", "--tls", "--tls-self-signed", "--tls-staple", "f", "0"],
      "--tls-staple requires --tls-cert: no authority knows a certificate of --tls-self-signed"
    ),
    (["connect", "--tls-require-staple", "h", "1"], "--tls-require-staple has no effect without --tls"),
    (
      ["connect", "--tls", "--insecure", "--tls-require-staple", "h", "1"],
      "--insecure and --tls-require-staple exclude each other"
    ),
    (
      ["connect", "--tls", "--tls-session", "f", "--tls-require-staple", "h", "1"],
      "--tls-require-staple and --tls-session exclude each other: a resumed session has no OCSP response"
    ),
    (
      [
        "connect", "--tls", "--tls-require-staple", "--tls-pin",
        "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "h", "1",
      ],
      "--tls-require-staple with --tls-pin requires --tls-ca: a pin alone verifies no authority, which signs the OCSP response"
    ),
    (["forward", "--tls-name", "x", "1", "h:2"], "--tls-name has no effect without --tls-target"),
    (["connect", "--tls-min-validity", "1d", "h", "1"], "--tls-min-validity requires -z and --tls"),
  ])
  func `options that do not fit are refused`(arguments: [String], message: String) async throws {
    #expect(try await sockkit(arguments) == .usage(message, of: arguments[0]))
  }
}
