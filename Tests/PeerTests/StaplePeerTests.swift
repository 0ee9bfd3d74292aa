// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// OCSP responses with the `openssl` program: as a server that sends any of them, and as a client that asks for one.
@Suite(.takingTurns)
struct StaplePeerTests {
  /// Starts a server of one connection, and returns it with its port.
  private static func server(
    _ certificate: String, _ response: String?, _ options: [String] = []
  ) async throws -> (program: RunningProgram, port: String) {
    let responder = try await TestResponder.shared()
    let authority = responder.authority
    var arguments = [
      "s_server", "-naccept", "1", "-accept", "127.0.0.1:0", "-cert", authority.certificate(certificate),
      "-cert_chain", authority.certificate(certificate), "-key", authority.key(certificate),
    ]
    if let response { arguments += ["-status_file", responder.response(response)] }
    let program = RunningProgram(try .other("openssl", package: "openssl", arguments + options))
    let line = try await program.outputLine(containing: "ACCEPT 127.0.0.1:")
    return (program, String(try #require(line.split(separator: ":").last)))
  }

  /// Connects with our client, which verifies the server.
  private static func connect(
    to server: (program: RunningProgram, port: String), _ options: [String]
  ) async throws -> Finished {
    let authority = try await TestAuthority.shared()
    let end = try await sockkit(
      ["nc", "-N", "--tls", "-R", authority.certificate] + options + ["localhost", server.port],
      input: .file("/dev/null"))
    _ = try await server.program.stop()
    return end
  }

  @Test(arguments: ["good", "delegated", "sha256", "endless"], ["-tls1_2", "-tls1_3"])
  func `a good response fulfils the requirement`(response: String, version: String) async throws {
    let server = try await Self.server("good", response, [version])
    #expect(try await Self.connect(to: server, ["-T", "muststaple"]) == Finished(.exit(0)))
  }

  @Test(arguments: [
    (nil, "the server sent no OCSP response"),
    ("expired", "its OCSP response is from 2024-01-02, and expired on 2024-01-09"),
    ("early", "its OCSP response is not valid before 2048-01-01"),
    ("old", "its OCSP response is from 2024-01-02, and too old"),
    (
      "forged",
      "its OCSP response is not signed by the issuer of the certificate, or a responder of it (missing ocspsigning usage)"
    ),
    ("revoked", "its OCSP response is about another certificate"),
    ("unknown", "its OCSP response says that the authority does not know the certificate"),
    ("later", "its OCSP response has no status, but the error 'trylater'"),
  ])
  func `any other response is refused if one is required, and else of no consequence`(
    response: String?, reason: String
  ) async throws {
    let refused = try await Self.connect(to: try await Self.server("good", response), ["-T", "muststaple"])
    #expect(refused == Finished(.exit(1), errors: "nc: TLS with localhost: \(reason)\n"))
    #expect(try await Self.connect(to: try await Self.server("good", response), []) == Finished(.exit(0)))
  }

  @Test(arguments: [("behind", true), ("above", false)])
  func `only the issuer itself vouches for a certificate, and no authority above it`(
    response: String, isAccepted: Bool
  ) async throws {
    let server = try await Self.server("chain", response)
    let end = try await Self.connect(to: server, ["-T", "muststaple"])
    #expect(end.ending == .exit(isAccepted ? 0 : 1), "\(end)")
    #expect(isAccepted || end.errors.contains("is not signed by the issuer of the certificate"), "\(end)")
  }

  @Test func `a revoked certificate is refused without a requirement, unless nothing is verified`()
    async throws
  {
    let end = try await Self.connect(to: try await Self.server("revoked", "revoked"), [])
    #expect(
      end
        == Finished(
          .exit(1),
          errors:
            "nc: TLS with localhost: the certificate was revoked on 2024-03-01 (keyCompromise), as its OCSP response says\n"
        ))
    let unverified = try await Self.connect(to: try await Self.server("revoked", "revoked"), ["--insecure"])
    #expect(unverified == Finished(.exit(0)))
  }

  /// What `openssl s_client` says of the response of a server.
  private static func response(ofServerAt port: UInt16, _ options: String...) async throws -> String {
    let program = try Program.other(
      "openssl", package: "openssl",
      ["s_client", "-status", "-CAfile", try await TestAuthority.shared().certificate]
        + options + ["-connect", "127.0.0.1:\(port)"])
    let end = try await RunningProgram(program, input: .file("/dev/null")).finished()
    let lines = end.text.split(separator: "\n").map { $0.drop { $0 == " " } }
    return lines.filter { $0.hasPrefix("OCSP response:") || $0.hasPrefix("Cert Status:") }.joined(
      separator: "; ")
  }

  @Test func `a client gets the response if it asks for one, and a new one after SIGHUP`() async throws {
    let responder = try await TestResponder.shared()
    let authority = responder.authority
    let directory = try TemporaryDirectory()
    func install(_ response: String) throws {
      _ = try directory.write(try authority.directory.read(response), to: "response")
    }
    try install("good.der")
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--tls-staple", directory.file("response")] + authority.server() + [
        "127.0.0.1:0"
      ])
    let port = try await server.announcedPort()
    for version in ["-tls1_2", "-tls1_3"] {
      let found = try await Self.response(ofServerAt: port, version)
      #expect(found.hasSuffix("Cert Status: good"), "\(found)")
    }
    try install("revoked.der")
    server.signal(SIGHUP)
    let kept = try await server.errorLine(containing: "kept the old certificate: ")
    #expect(kept.hasSuffix("the OCSP response is about another certificate"), "\(kept)")
    #expect(try await Self.response(ofServerAt: port).hasSuffix("Cert Status: good"))
    try install("expired.der")
    server.signal(SIGHUP)
    _ = try await server.errorLine(containing: "and expired on 2024-01-09: it is not sent")
    _ = try await server.errorLine(containing: "reloaded the certificate")
    #expect(try await Self.response(ofServerAt: port) == "OCSP response: no response sent")
    server.signal(15)
    #expect(try await server.finished().ending == .exit(0))
  }
}
