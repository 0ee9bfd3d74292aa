// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Connections that change to TLS after a dialogue in plain.
struct StartTLSPeerTests {
  private static let services = [
    "smtp", "lmtp", "imap", "pop3", "ftp", "xmpp", "ldap", "postgres", "mysql", "nntp", "sieve", "irc",
  ]

  private static func connect(
    _ service: String, to server: StartTLSServer, _ flags: String...,
    input: RunningProgram.Input = .file("/dev/null")
  ) async throws -> Finished {
    let arguments =
      ["connect", "--starttls", service, "--tls-ca", server.certificate] + flags + [
        "localhost:\(server.port)"
      ]
    return try await sockkit(arguments, input: input)
  }

  @Test(arguments: services, [StartTLSServer.Conduct.accepts, .hesitates])
  fileprivate func `the payload is protected, and the dialogue is not part of it`(
    service: String, conduct: StartTLSServer.Conduct
  ) async throws {
    let server = try await StartTLSServer(service, conduct)
    let payload = String(repeating: "payload\n", count: 100_000)
    let end = try await Self.connect(service, to: server, input: .bytes(Array(payload.utf8)))
    #expect(end == Finished(.exit(0), output: "hello\n" + payload))
    let other = try await server.finished()
    #expect(other.ending == .exit(0), "\(other)")
  }

  @Test(arguments: services)
  func `a refusal is status 76`(service: String) async throws {
    let server = try await StartTLSServer(service, .refuses)
    let end = try await Self.connect(service, to: server, input: .bytes(Array("secret".utf8)))
    let reason =
      switch service {
      case "smtp", "lmtp": "refused STARTTLS: 454 4.7.0 not now"
      case "imap": "refused STARTTLS: a1 NO not now"
      case "pop3": "refused STARTTLS: -ERR not now"
      case "ftp": "refused STARTTLS: 534 not now"
      case "xmpp": "refused STARTTLS: failure"
      case "ldap": "refused STARTTLS: result 2, not now"
      case "postgres", "mysql": "does not offer STARTTLS"
      case "nntp": "refused STARTTLS: 580 not now"
      case "sieve": "refused STARTTLS: NO \"not now\""
      default: "refused STARTTLS: :irc 691 * :not now"
      }
    #expect(
      end
        == Finished(
          .exit(76), errors: "sockkit: TLS with localhost:\(server.port): the server \(reason)\n"))
    let other = try await server.finished()
    #expect(other.ending == .exit(0), "\(other)")
  }

  @Test(arguments: services)
  func `bytes in plain behind the acceptance are status 76 and no payload`(service: String) async throws {
    let server = try await StartTLSServer(service, .injects)
    let end = try await Self.connect(service, to: server)
    #expect(
      end
        == Finished(
          .exit(76),
          errors:
            "sockkit: TLS with localhost:\(server.port): the server sent bytes in plain after accepting STARTTLS\n"
        ))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: services.filter { $0 != "mysql" })
  func `an early end is status 74`(service: String) async throws {
    let server = try await StartTLSServer(service, .leaves)
    let end = try await Self.connect(service, to: server)
    #expect(
      end
        == Finished(
          .exit(74),
          errors:
            "sockkit: TLS with localhost:\(server.port): the server ended the connection before it accepted STARTTLS\n"
        ))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: services)
  func `a server that says nothing is given up after the time of -w`(service: String) async throws {
    let server = try await StartTLSServer(service, .stalls)
    let end = try await Self.connect(service, to: server, "-w", "300ms")
    #expect(
      end
        == Finished(.exit(75), errors: "sockkit: TLS with localhost:\(server.port): Connection timed out\n"))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a server of another protocol is named`() async throws {
    let server = try await StartTLSServer("pop3", .leaves)
    let end = try await Self.connect("imap", to: server)
    #expect(
      end
        == Finished(
          .exit(76),
          errors: "sockkit: TLS with localhost:\(server.port): the server does not speak IMAP: +OK ready\n"
        ))
  }

  @Test func `-v shows the dialogue`() async throws {
    let server = try await StartTLSServer("imap", .accepts)
    let end = try await Self.connect("imap", to: server, "-v")
    #expect(end.ending == .exit(0), "\(end)")
    let address = "127.0.0.1:\(server.port)"
    let lines = end.errorLines.filter { $0.contains("STARTTLS with") }
    #expect(
      lines == [
        "sockkit: STARTTLS with \(address): received * OK [CAPABILITY IMAP4rev1 STARTTLS] ready",
        "sockkit: STARTTLS with \(address): sent a1 STARTTLS",
        "sockkit: STARTTLS with \(address): received a1 OK go",
      ], "\(end)")
  }

  @Test func `-x shows the dialogue, before the bytes that TLS protects`() async throws {
    let server = try await StartTLSServer("imap", .accepts)
    let end = try await Self.connect("imap", to: server, "-x", "-")
    #expect(end.ending == .exit(0), "\(end)")
    let shown = end.errorLines.filter { $0.contains("|") }
    let dialogue = try #require(shown.firstIndex { $0.contains("|a1 STARTTLS") }, "\(end)")
    #expect(shown[..<dialogue].contains { $0.contains("|* OK [CAPABILITY") }, "\(end)")
    #expect(shown[(dialogue + 1)...].contains { $0.contains("|a1 OK go") }, "\(end)")
  }

  @Test func `a log for programs has the dialogue`() async throws {
    let server = try await StartTLSServer("postgres", .accepts)
    let end = try await Self.connect("postgres", to: server, "--log-format", "json")
    #expect(end.ending == .exit(0), "\(end)")
    let sent = #""direction":"sent","event":"starttls","message":"\u0000\u0000\u0000\b\u0004\\xd2\u0016/""#
    let received = #""direction":"received","event":"starttls","message":"S""#
    for words in [sent, received, #""alpn":null"#, #""sni":"localhost""#] {
      #expect(end.errors.contains(words), "\(end)")
    }
  }

  @Test func `expressions are calculated over a connection that began in plain`() async throws {
    let server = try await StartTLSServer("smtp", .calculates)
    let end = try await sockkit(
      "calc", "--starttls", "smtp", "--tls-ca", server.certificate, "localhost:\(server.port)", "6 * 7")
    #expect(end == Finished(.exit(0), output: "42\n"))
  }

  @Test func `the server is verified`() async throws {
    let server = try await StartTLSServer("smtp", .accepts)
    let end = try await sockkit("connect", "--starttls", "smtp", "localhost:\(server.port)")
    #expect(end.ending == .exit(77), "\(end)")
    #expect(end.errors.contains("is not signed by a trusted authority"), "\(end)")
  }
}
