// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// What programs that look for weaknesses of TLS servers find.
@Suite(.takingTurns)
struct ScannerTests {
  /// A result of testssl.sh.
  private struct Finding: Decodable {
    let id: String
    let severity: String
    let finding: String
  }

  /// The findings that are accepted, by their id, and why.
  private static let accepted = [
    "cert_chain_of_trust": "the certificate is self-signed; clients have its pin",
    "cert_trust": "the same",
    "cert_revocation": "a certificate that is made for one run has no authority that could revoke it",
    "cert_expirationStatus": "such a certificate is valid for 30 days",
    "cert_notAfter": "the same",
    "sessionresumption_ticket":
      "it can be a warning: testssl.sh ends its first connection before a ticket may have arrived",
    "engine_problem": "it is about the OpenSSL that testssl.sh uses itself",
  ]

  private static let passing: Set<String> = ["OK", "INFO", "LOW", "DEBUG"]

  private static func server() -> RunningProgram {
    RunningProgram.sockkit(
      ["http-server", "-v", "--text", "well", "--tls", "--tls-self-signed", "127.0.0.1:0"], limit: 200)
  }

  // Its other checks concern HTTP, or are those of sslscan.
  @Test(arguments: ["--protocols --std --server-preference", "--server-defaults", "--vulnerable"])
  func `testssl.sh finds nothing of severity MEDIUM or worse`(checks: String) async throws {
    let directory = try TemporaryDirectory()
    let server = Self.server()
    // It waits for answers to bytes that a server may ignore.
    let scanner = Stranger(
      name: "testssl.sh",
      script: """
        export MAX_WAITSOCK=2 CCS_MAX_WAITSOCK=1 HEARTBLEED_MAX_WAITSOCK=1
        testssl --quiet --color 0 --warnings off --nodns none --jsonfile $2 $3 127.0.0.1:$1
        """)
    let end = try await scanner.start(
      ["\(try await server.announcedPort())", directory.file("findings"), checks], limit: 180
    ).finished()
    server.signal(15)
    let served = try await server.finished()
    guard directory.has("findings") else {
      Issue.record("no findings: \(end)\(served)")
      return
    }
    let findings = try JSONDecoder().decode([Finding].self, from: Data(directory.read("findings")))
    #expect(findings.count > 5 && findings.allSatisfy { $0.id != "scanProblem" }, "\(findings)\(end)")
    let bad = findings.filter {
      !Self.passing.contains($0.severity) && Self.accepted[String($0.id.prefix { $0 != " " })] == nil
    }
    #expect(bad.isEmpty, "\(bad)\(end)\(served)")
    #expect(served.ending == .exit(0), "\(served)")
  }

  @Test func `sslscan finds TLS 1.2 and 1.3 with forward secrecy and nothing else`() async throws {
    let server = Self.server()
    // It sends a heartbeat behind a request that is refused, and ends if the connection is reset then; testssl.sh sends
    // one, too.
    let scanner = Stranger(
      name: "sslscan", script: "exec sslscan --no-colour --xml=- 127.0.0.1:$1")
    let end = try await scanner.start(["\(try await server.announcedPort())"]).finished()
    server.signal(15)
    let served = try await server.finished()
    #expect(end.ending == .exit(0) && !end.text.contains("<error>"), "\(end)\(served)")
    let enabled = end.text.matches(of: /<protocol type="(\w+)" version="([\d.]+)" enabled="1"/)
    #expect(enabled.map { "\($0.1) \($0.2)" } == ["tls 1.2", "tls 1.3"], "\(end)")
    let ciphers = end.text.matches(of: /<cipher .* cipher="([^"]+)"/).map { String($0.1) }
    #expect(
      Set(ciphers) == [
        "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305",
      ], "\(end)")
    #expect(end.text.contains(#"<renegotiation supported="0""#), "\(end)")
    #expect(served.ending == .exit(0), "\(served)")
  }
}
