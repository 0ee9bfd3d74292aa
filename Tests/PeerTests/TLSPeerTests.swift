// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// TLS with other programs, in both roles and both versions.
@Suite(.takingTurns)
struct TLSPeerTests {
  /// A program that speaks TLS.
  enum Stranger: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case openssl
    case ncat
    case socat
    case python

    var testDescription: String { rawValue }

    /// Whether it ends a connection without close_notify.
    var truncates: Bool { self == .ncat }

    /// The program as a client that sends its standard input.
    func sender(to port: UInt16, _ version: String, _ authority: TestAuthority) throws -> Program {
      let number = version == "1.2" ? "1_2" : "1_3"
      return switch self {
      case .openssl:
        try .other(
          "openssl", package: "openssl",
          [
            // Without commands, which bytes at the beginning of a line would be.
            "s_client", "-quiet", "-no_ign_eof", "-nocommands", "-tls\(number)", "-verify_return_error",
            "-CAfile",
            authority.certificate, "-connect", "127.0.0.1:\(port)",
          ])
      case .ncat:
        try .other(
          "ncat", package: "ncat",
          ["--send-only", "--ssl-verify", "--ssl-trustfile", authority.certificate, "localhost", "\(port)"])
      case .socat:
        try .other(
          "socat", package: "socat",
          [
            "-u", "-",
            "OPENSSL:localhost:\(port),cafile=\(authority.certificate),min-version=TLS\(version),max-version=TLS\(version)",
          ])
      case .python: try .python(Self.pythonSender, [authority.certificate, "\(port)", version])
      }
    }

    /// The program as a server that sends its standard input to one client.
    func server(at place: Place, _ version: String, _ authority: TestAuthority) throws -> Program {
      let files = ["--ssl-cert", authority.certificate("good"), "--ssl-key", authority.key("good")]
      return switch self {
      case .openssl, .python:
        try .python(
          Self.pythonServer,
          [authority.certificate("good"), authority.key("good"), place.host, "\(place.port)", version])
      case .ncat:
        try .other(
          "ncat", package: "ncat", ["-l", "--send-only", "--ssl"] + files + [place.host, "\(place.port)"])
      case .socat:
        try .other(
          "socat", package: "socat",
          [
            "-u", "-",
            "OPENSSL-LISTEN:\(place.port),bind=\(place.host),reuseaddr,verify=0,"
              + "cert=\(authority.certificate("good")),key=\(authority.key("good")),"
              + "min-version=TLS\(version),max-version=TLS\(version)",
          ])
      }
    }

    private static let versions = """
      import ssl
      def limit(context, version):
          context.minimum_version = context.maximum_version = {
              "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
          return context
      def send(connection):
          while part := os.read(0, 1 << 16):
              connection.sendall(part)
          try:
              connection.unwrap()
          except (ssl.SSLError, OSError):
              pass

      """

    private static let pythonSender =
      versions + """
        context = limit(ssl.create_default_context(cafile=arguments[0]), arguments[2])
        send(context.wrap_socket(connected(arguments[1]), server_hostname="localhost"))
        """

    private static let pythonServer =
      versions + """
        context = limit(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), arguments[4])
        context.load_cert_chain(arguments[0], arguments[1])
        client = socket.create_server((arguments[2], int(arguments[3]))).accept()[0]
        send(context.wrap_socket(client, server_side=True))
        """
  }

  @Test(arguments: Stranger.allCases, ["1.2", "1.3"])
  func `a file arrives whole from every client`(stranger: Stranger, version: String) async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 4, to: "sent")
    let server = RunningProgram.sockkit(
      ["listen", "-v", "--recv-only", "--tls-max", version]
        + (stranger.truncates ? ["--tls-allow-truncation"] : [])
        + authority.server() + ["127.0.0.1:0"], input: .file("/dev/null"),
      output: .file(directory.file("received")))
    let client = RunningProgram(
      try stranger.sender(to: try await server.announcedPort(), version, authority), input: .file(file))
    let (sent, received) = (try await client.finished(), try await server.finished())
    #expect(received.ending == .exit(0) && received.errors.contains("TLSv\(version)"), "\(sent)\(received)")
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1], "\(sent)\(received)")
  }

  @Test(arguments: [Stranger.ncat, .socat, .python], ["1.2", "1.3"])
  func `a file arrives whole from every server`(stranger: Stranger, version: String) async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 4, to: "sent")
    let place = Place()
    let server = RunningProgram(try stranger.server(at: place, version, authority), input: .file(file))
    let client = try await sockkit(
      // A close_notify that a server does not read would make its close a reset.
      ["connect", "--retry", "15s", "--recv-only", "--tls-max", version, "--tls-name", "localhost"]
        + authority.client
        + (stranger.truncates ? ["--tls-allow-truncation"] : []) + [place.host, "\(place.port)"],
      output: .file(directory.file("received")))
    let sent = try await server.finished()
    #expect(client.ending == .exit(0), "\(sent)\(client)")
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1], "\(sent)\(client)")
  }

  @Test(arguments: ServedModel.models, ["1.2", "1.3"])
  func `curl verifies the server, and has the file`(model: String, version: String) async throws {
    let authority = try await TestAuthority.shared()
    let site = try TemporaryDirectory()
    _ = try await site.writeRandom(mebibytes: 3, to: "file.bin")
    let server = RunningProgram.sockkit(
      ["http-server", "-v", "--model", model, "--tls-max", version] + authority.server() + [
        "127.0.0.1:0", site.path,
      ],
      limit: 60)
    let address = "https://localhost:\(try await server.announcedPort())/file.bin"
    func curl(_ arguments: String...) async throws -> Finished {
      let program = try Program.other(
        "curl", package: "curl", ["--silent", "--noproxy", "*", "--verbose"] + arguments)
      return try await RunningProgram(program, input: .file("/dev/null")).finished()
    }
    let end = try await curl(
      "--cacert", authority.certificate, "--output", site.file("received"), address, address)
    #expect(end.ending == .exit(0) && end.errors.contains("ALPN: server accepted http/1.1"), "\(end)")
    #expect(end.errors.contains("Re-using existing connection"), "\(end)")
    let digests = try await site.digests("file.bin", "received")
    #expect(digests[0] == digests[1])
    #expect(try await curl(address).ending == .exit(60))
    server.signal(15)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ["1.2", "1.3"])
  func `a renegotiation and a change of keys by a client do no harm`(version: String) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--tls-max", version] + authority.server() + ["127.0.0.1:0"])
    let port = try await server.announcedPort()
    let client = RunningProgram(
      try .other(
        "openssl", package: "openssl",
        [
          "s_client", "-tls\(version == "1.2" ? "1_2" : "1_3")", "-CAfile", authority.certificate, "-connect",
          "127.0.0.1:\(port)",
        ]))
    client.send("first\n")
    _ = try await client.outputLine(containing: "first")
    // K changes the keys, with an answer; R asks to renegotiate, which TLS 1.3 no longer has.
    client.send(version == "1.2" ? "R\n" : "K\n")
    _ = try await client.errorLine(containing: version == "1.2" ? "RENEGOTIATING" : "KEYUPDATE")
    client.send("second\n")
    if version == "1.3" { _ = try await client.outputLine(containing: "second") }
    client.closeInput()
    let end = try await client.finished()
    #expect(version == "1.3" || end.errors.contains("no renegotiation"), "\(end)")
    // It still serves.
    let next = try await sockkit(
      ["connect"] + authority.client + ["localhost", "\(port)"], input: .bytes(Array("third".utf8)))
    #expect(next == Finished(.exit(0), output: "third"))
    server.signal(15)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a list of ciphers permits no others, in either version`() async throws {
    let authority = try await TestAuthority.shared()
    func versions(_ list: String) async throws -> [Bool] {
      let server = RunningProgram.sockkit(
        ["echo-server", "-v", "--tls-ciphers", list] + authority.server() + ["127.0.0.1:0"])
      let port = "\(try await server.announcedPort())"
      var results: [Bool] = []
      for (version, cipher) in [
        ("-tls1_2", ["-cipher", "ECDHE-ECDSA-AES128-SHA"]), ("-tls1_2", []),
        ("-tls1_3", ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"]),
        ("-tls1_3", ["-ciphersuites", "TLS_AES_128_GCM_SHA256"]),
      ] {
        let program = try Program.other(
          "openssl", package: "openssl", ["s_client", version, "-connect", "127.0.0.1:\(port)"] + cipher)
        let end = try await RunningProgram(program, input: .file("/dev/null")).finished()
        results.append(end.ending == .exit(0))
      }
      server.signal(15)
      _ = try await server.finished()
      return results
    }
    #expect(try await versions("TLS_AES_128_GCM_SHA256") == [false, false, false, true])
    #expect(try await versions("ECDHE-ECDSA-AES128-GCM-SHA256") == [false, true, false, false])
  }

  @Test func `application protocols are agreed on, or the connection ends`() async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--tls-alpn", "first,second"] + authority.server() + ["127.0.0.1:0"])
    let port = "\(try await server.announcedPort())"
    func connect(_ protocols: String) async throws -> Finished {
      try await sockkit(
        ["connect", "-v", "--tls-alpn", protocols] + authority.client + ["localhost", port])
    }
    let second = try await connect("second,third")
    #expect(second.ending == .exit(0) && second.errors.contains(", second"), "\(second)")
    let none = try await connect("third")
    #expect(
      none.ending == .exit(76)
        && none.errors.contains("the server refused the connection (no application protocol)"),
      "\(none)")
    server.signal(15)
    _ = try await server.finished()
  }
}
