// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Which certificates are accepted, and what is said of the others.
@Suite(.takingTurns)
struct TLSTrustTests {
  private static let server = """
    import ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments[0], arguments[1])
    with accepted() as client:
        try:
            with context.wrap_socket(client, server_side=True) as protected:
                protected.sendall(b"hello")
                protected.unwrap()
        except (ssl.SSLError, OSError):
            pass
    """

  private func connect(
    to certificate: String, _ options: String..., host: String = "localhost"
  ) async throws -> Finished {
    let authority = try await TestAuthority.shared()
    let server = try RunningProgram.python(
      Self.server, authority.certificate(certificate), authority.key(certificate))
    let port = try await server.printedPort()
    let end = try await sockkit(
      ["connect", "--tls", "--tls-ca", authority.certificate] + options + [host, "\(port)"])
    _ = try await server.finished()
    return Finished(
      end.ending, output: end.output, errors: end.errors.replacing(":\(port)", with: ":PORT"))
  }

  @Test(arguments: [
    ("good", "localhost"), ("good", "127.0.0.1"), ("chain", "localhost"), ("capitals", "localhost"),
  ])
  func `a certificate of a trusted authority for the host is accepted`(name: String, host: String)
    async throws
  {
    #expect(try await connect(to: name, host: host) == Finished(.exit(0), output: "hello"))
  }

  @Test(arguments: [
    ("self", "is not signed by a trusted authority"), ("foreign", "is not signed by a trusted authority"),
    ("incomplete", "is not signed by a trusted authority"),
    ("other", "is for 'a.example, b.example', not for 'localhost'"),
    ("wildcard", "is for '*.example.org, *.localdomain', not for 'localhost'"),
    ("nameless", "has no subjectAltName, and so no name to compare with 'localhost'"),
    ("expired", "expired on 2020-02-01"), ("early", "is not valid before 2048-01-01"),
    ("client-only", "must not be used by a server"), ("critical", "has an unknown critical extension"),
    ("constrained", "is for names that its authority must not certify"),
  ])
  func `any other certificate is refused, with the reason`(name: String, reason: String) async throws {
    let end = try await connect(to: name)
    #expect(end.ending == .exit(77) && end.output.isEmpty, "\(end)")
    #expect(end.errors.hasPrefix("sockkit: TLS with localhost:PORT: the certificate \(reason)"), "\(end)")
  }

  @Test func `an address in the place of a name does not count, and a wildcard is for one label`()
    async throws
  {
    let end = try await connect(to: "address-as-name", host: "127.0.0.1")
    #expect(
      end
        == Finished(
          .exit(77),
          errors:
            "sockkit: TLS with 127.0.0.1:PORT: the certificate is for '127.0.0.1', not for the address '127.0.0.1'\n"
        ))
    #expect(try await connect(to: "wildcard", "--tls-name", "x.example.org").ending == .exit(0))
    for name in ["x.y.example.org", "example.org", "x.localdomain"] {
      #expect(try await connect(to: "wildcard", "--tls-name", name).ending == .exit(77))
    }
  }

  @Test func `the name to verify may be another than the host`() async throws {
    #expect(try await connect(to: "other", "--tls-name", "b.example") == Finished(.exit(0), output: "hello"))
  }

  @Test func `a pin takes the place of authority and name, or adds to them`() async throws {
    let authority = try await TestAuthority.shared()
    func pin(_ name: String) async throws -> (key: String, certificate: String) {
      let script = """
        openssl x509 -in "$1" -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary \\
          | base64
        openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1
        """
      let lines = try await shell(script, authority.certificate(name)).text.split(separator: "\n")
      return ("sha256//\(lines[0])", "SHA256:\(lines[1])")
    }
    let (key, certificate) = try await pin("self")
    let server = try RunningProgram.python(Self.server, authority.certificate("self"), authority.key("self"))
    let alone = try await sockkit(
      "connect", "--tls", "--tls-pin", key, "localhost", "\(try await server.printedPort())")
    #expect(alone == Finished(.exit(0), output: "hello"))
    #expect(try await connect(to: "self", "--tls-pin", certificate).ending == .exit(77))
    let other = try await connect(to: "good", "--tls-pin", key)
    #expect(other.ending == .exit(77), "\(other)")
    #expect(other.errors.contains("(this one does: --tls-pin \(try await pin("good").key))"), "\(other)")
    let both = try await connect(to: "good", "--tls-pin", key, "--tls-pin", try await pin("good").certificate)
    #expect(both == Finished(.exit(0), output: "hello"))
  }

  @Test func `without verification there is a warning, always`() async throws {
    let authority = try await TestAuthority.shared()
    let server = try RunningProgram.python(
      Self.server, authority.certificate("expired"), authority.key("expired"))
    let end = try await sockkit(
      "connect", "--tls", "--insecure", "localhost", "\(try await server.printedPort())")
    #expect(
      end
        == Finished(
          .exit(0), output: "hello",
          errors:
            "sockkit: the server is not verified (--insecure): anyone on the way can read and change the bytes\n"
        ))
  }

  @Test func `revoked certificates are refused if there is a list`() async throws {
    let authority = try await TestAuthority.shared()
    let list = authority.directory.file("revoked.crl")
    #expect(try await connect(to: "good", "--tls-crl", list).ending == .exit(0))
    let end = try await connect(to: "revoked", "--tls-crl", list)
    #expect(
      end == Finished(.exit(77), errors: "sockkit: TLS with localhost:PORT: the certificate is revoked\n"))
  }

  @Test func `a certificate that ends soon fails the check that asks for more`() async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v"] + authority.server() + ["127.0.0.1:0"])
    let port = "\(try await server.announcedPort())"
    let check = ["connect", "-z", "--json"] + authority.client
    let good = try await sockkit(check + ["--tls-min-validity", "30d", "localhost", port])
    #expect(
      good.ending == .exit(0) && good.text.contains(#""names":["DNS:localhost","IP:127.0.0.1"]"#), "\(good)")
    #expect(good.text.contains(#""notAfter":"2049-01-01T00:00:00Z""#), "\(good)")
    let ended = try await sockkit(check + ["--tls-min-validity", "36500d", "localhost", port])
    #expect(
      ended.ending == .exit(77) && ended.text.contains(#""reason":"the certificate ends on 2049-01-01, in "#),
      "\(ended)")
    server.signal(15)
    _ = try await server.finished()
  }

  @Test(arguments: [
    (["--tls-cert", "locked", "--tls-key", "locked"], "a password is needed (--tls-key-password-file FILE)"),
    (["--tls-cert", "good", "--tls-key", "other"], "the key does not belong to the certificate"),
    (["--tls-cert", "good"], "no private key in PEM (--tls-key FILE)"),
  ])
  func `a certificate of our own that cannot be used is wrong data`(
    options: [String], reason: String
  ) async throws {
    let authority = try await TestAuthority.shared()
    let good = authority.certificate("good")
    var arguments = ["connect", "--tls"]
    for (index, option) in options.enumerated() {
      let isKey = index > 0 && options[index - 1] == "--tls-key"
      let isCertificate = index > 0 && options[index - 1] == "--tls-cert"
      arguments.append(isKey ? authority.key(option) : isCertificate ? good : option)
    }
    let end = try await sockkit(arguments + ["localhost", "9"])
    #expect(end.ending == .exit(65) && end.errors.hasSuffix(": \(reason)\n"), "\(end)")
    let missing = try await sockkit("connect", "--tls", "--tls-cert", "/no/such/file", "localhost", "9")
    #expect(
      missing == Finished(.exit(66), errors: "sockkit: read /no/such/file: No such file or directory\n"))
  }

  @Test func `a PKCS#12 container beside a key is refused, which would not be used`() async throws {
    let authority = try await TestAuthority.shared()
    let container = authority.directory.file("good.p12")
    #expect(
      try await sockkit(
        "listen", "--tls", "--tls-cert", container, "--tls-key", authority.key("good"), "127.0.0.1:0")
        == Finished(
          .exit(65),
          errors:
            "sockkit: read \(container): not PEM, and only a certificate in PEM goes with --tls-key\n"))
  }

  @Test(arguments: [["good.p12"], ["good.pem", "--tls-key", "locked.key"]])
  func `a key with a password, and a PKCS#12 container, are read`(files: [String]) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      [
        "listen", "-v", "--tls", "--tls-key-password-file", authority.directory.file("password"),
        "--tls-cert",
      ]
        + files.map { $0.hasPrefix("--") ? $0 : authority.directory.file($0) } + ["127.0.0.1:0"],
      input: .bytes(Array("hello".utf8)))
    let port = "\(try await server.announcedPort())"
    #expect(
      try await sockkit(["connect"] + authority.client + ["localhost", port])
        == Finished(.exit(0), output: "hello"))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ["1.2", "1.3"])
  func `a client without the certificate that a server requires is refused`(version: String) async throws {
    let authority = try await TestAuthority.shared()
    func serve(_ options: String...) -> RunningProgram {
      RunningProgram.sockkit(
        ["listen", "-v", "--tls-max", version, "--tls-client-ca", authority.certificate] + authority.server()
          + options
          + ["127.0.0.1:0"], input: .bytes(Array("secret".utf8)))
    }
    func connect(_ server: RunningProgram, _ options: [String] = []) async throws -> Finished {
      try await sockkit(
        ["connect"] + authority.client + options + ["localhost", "\(try await server.announcedPort())"])
    }
    let identity = ["--tls-cert", authority.certificate("client"), "--tls-key", authority.key("client")]
    let open = serve()
    #expect(try await connect(open, identity) == Finished(.exit(0), output: "secret"))
    #expect(try await open.finished().ending == .exit(0))

    let strict = serve()
    let refused = try await connect(strict)
    #expect(refused.ending == .exit(77) && refused.output.isEmpty, "\(refused)")
    #expect(try await strict.finished().ending == .exit(77))

    let named = serve("--tls-client-name", "*.other.example")
    let misnamed = try await connect(named, identity)
    #expect(misnamed.ending == .exit(77) && misnamed.output.isEmpty, "\(misnamed)")
    let end = try await named.finished()
    #expect(
      end.errors.contains("the certificate is for 'client.example', not for '*.other.example'"), "\(end)")
  }

  @Test(arguments: ["1.2", "1.3"])
  func `a session is resumed with its server alone, and never without the verification`(
    version: String
  ) async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let file = directory.file("session")
    let server = RunningProgram.sockkit(["echo-server", "-v"] + authority.server() + ["127.0.0.1:0"])
    let port = "\(try await server.announcedPort())"
    func connect(_ options: String...) async throws -> Finished {
      try await sockkit(
        ["connect", "-v", "--tls", "--tls-max", version, "--tls-session", file] + options + [
          "localhost", port,
        ],
        input: .bytes(Array("x".utf8)))
    }
    let trust = ["--tls-ca", authority.certificate]
    let first = try await connect(trust[0], trust[1])
    #expect(first.ending == .exit(0) && !first.errors.contains(", resumed"), "\(first)")
    let second = try await connect(trust[0], trust[1])
    #expect(second.ending == .exit(0) && second.errors.contains(", resumed"), "\(second)")
    #expect(try await shell("stat -c %a \"$1\"", file).text == "600\n")
    let ended = try await sockkit(
      ["connect", "-z", "--tls-max", version, "--tls-session", file, "--tls-min-validity", "36500d"]
        + authority.client
        + ["localhost", port])
    #expect(ended.ending == .exit(77), "\(ended)")
    let other = try await connect(trust[0], trust[1], "--tls-name", "127.0.0.1")
    #expect(other.ending == .exit(0) && !other.errors.contains(", resumed"), "\(other)")
    #expect(try await connect("--insecure").ending == .exit(0))
    #expect(try await connect().ending == .exit(77))
    server.signal(15)
    _ = try await server.finished()
  }

  @Test func `a resumed session is judged by the revocation list of now`() async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v"] + authority.server("revoked") + ["127.0.0.1:0"])
    let port = "\(try await server.announcedPort())"
    func connect(_ list: String) async throws -> Finished {
      _ = try directory.write(try authority.directory.read(list), to: "list")
      return try await sockkit(
        ["connect", "-v", "--tls-session", directory.file("session"), "--tls-crl", directory.file("list")]
          + authority.client + ["localhost", port], input: .bytes(Array("x".utf8)))
    }
    #expect(try await connect("empty.crl").ending == .exit(0))
    let resumed = try await connect("empty.crl")
    #expect(resumed.ending == .exit(0) && resumed.errors.contains(", resumed"), "\(resumed)")
    let revoked = try await connect("revoked.crl")
    #expect(
      revoked.ending == .exit(77) && revoked.errors.contains("the certificate is revoked"), "\(revoked)")
    server.signal(15)
    _ = try await server.finished()
  }

  @Test func `a resumed session is refused once the certificate has expired`() async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    // A slow machine takes longer for the connections before that.
    for seconds in [3, 12, 48] {
      let name = "ending-in-\(seconds)"
      try await authority.issueCertificate(name, endingIn: seconds)
      let server = RunningProgram.sockkit(["echo-server", "-v"] + authority.server(name) + ["127.0.0.1:0"])
      let port = "\(try await server.announcedPort())"
      func connect() async throws -> Finished {
        try await sockkit(
          ["connect", "-v", "--tls-session", directory.file(name)] + authority.client + ["localhost", port],
          input: .bytes(Array("x".utf8)))
      }
      _ = try await connect()
      let resumed = try await connect()
      guard resumed.ending == .exit(0) else { continue }
      #expect(resumed.errors.contains(", resumed"), "\(resumed)")
      try await authority.awaitEnd(of: name)
      let expired = try await connect()
      #expect(
        expired.ending == .exit(77) && expired.errors.contains("the certificate expired on"), "\(expired)")
      server.signal(15)
      _ = try await server.finished()
      return
    }
    Issue.record("two connections took longer than the certificate is valid")
  }

  @Test func `the secrets are readable by their owner only, even in a file of before`() async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let log = try directory.write("before\n", to: "log")
    let server = RunningProgram.sockkit(["echo-server", "-v"] + authority.server() + ["127.0.0.1:0"])
    let end = try await sockkit(
      ["connect", "--tls-keylog", log] + authority.client + [
        "localhost", "\(try await server.announcedPort())",
      ])
    #expect(end.ending == .exit(0), "\(end)")
    #expect(try await shell("stat -c %a \"$1\"", log).text == "600\n")
    let lines = String(decoding: try directory.read("log"), as: UTF8.self).split(separator: "\n")
    #expect(
      lines.first == "before" && lines.contains { $0.hasPrefix("CLIENT_TRAFFIC_SECRET_0 ") }, "\(lines)")
    server.signal(15)
    _ = try await server.finished()
  }
}
