// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// TLS with programs that are widespread and have implementations or habits of their own, in both roles.
@Suite(.takingTurns)
struct TLSStrangerTests {
  private static let versions = ["1.2", "1.3"]

  /// Random bytes in lines.
  private static func payload(in directory: TemporaryDirectory, mebibytes: Int = 2) async throws -> [UInt8] {
    let made = try await shell(
      "head -c \"$1\" /dev/urandom | base64 > \"$2\"", "\(mebibytes << 20)", directory.file("payload"))
    #expect(made == Finished(.exit(0)))
    return try directory.read("payload")
  }

  @Test(arguments: TLSStranger.servers, versions)
  func `a server returns the payload after a half-close, and resumes the session`(
    stranger: TLSStranger, version: String
  ) async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let payload = try await Self.payload(in: directory)
    let echo = RunningProgram.sockkit(["echo-server", "-v", "127.0.0.1:0"])
    let place = Place()
    let server = stranger.start(
      at: place, "good", of: authority, to: "127.0.0.1:\(try await echo.announcedPort())", version: version)
    let client =
      ["connect", "-v", "--retry", "30s", "--tls-name", "localhost"] + authority.client
      + (stranger.hasALPN ? ["--tls-alpn", "other,sockkit"] : [])
    let end = [place.host, "\(place.port)"]
    let certificate = [
      "--tls-cert", authority.certificate("client"), "--tls-key", authority.key("client"),
    ]
    var results: [Finished] = []
    for _ in 1...2 {
      let connection = RunningProgram.sockkit(
        client + certificate + (stranger.truncates ? ["--tls-allow-truncation"] : []) + [
          "--tls-session", directory.file("session"),
        ] + end)
      connection.send(payload)
      if stranger.losesBytes { try? await connection.output(ofAtLeast: payload.count) }
      results.append(try await connection.finish())
    }
    let without = try await sockkit(client + ["--recv-only"] + end)
    let log = try await server.stop()
    for (result, isResumed) in zip(results, [false, true]) {
      #expect(result.ending == .exit(0) && result.output == payload, "\(result)\(log)")
      #expect(result.errors.contains("TLSv\(version) with "), "\(result)\(log)")
      #expect(result.errors.contains(", sockkit") == stranger.hasALPN, "\(result)\(log)")
      #expect(result.errors.contains(", resumed") == isResumed, "\(result)\(log)")
    }
    // GnuTLS calls the lack of a certificate a decode error with TLS 1.2; nginx ends the connection after the handshake.
    let refusals: [Finished.Ending] = [.exit(77), .exit(stranger.truncates ? 0 : 76)]
    #expect(
      refusals.contains(without.ending) && without.output.isEmpty, "without a certificate: \(without)\(log)")
    _ = try await echo.stop()
  }

  @Test(arguments: TLSStranger.clients, versions)
  func `a client gets its payload back after a half-close, and resumes the session`(
    stranger: TLSStranger, version: String
  ) async throws {
    let authority = try await TestAuthority.shared()
    let directory = try TemporaryDirectory()
    let payload = try await Self.payload(in: directory)
    let server = Self.echoServer(authority)
    let place = Place()
    let client = stranger.start(
      at: place, "client", of: authority, to: "127.0.0.1:\(try await server.announcedPort())",
      version: version)
    var results: [Finished] = []
    for _ in 1...2 {
      results.append(
        try await sockkit(
          ["connect", "--retry", "30s", place.host, "\(place.port)"],
          input: .file(directory.file("payload"))))
    }
    let log = try await client.stop()
    server.signal(15)
    let served = try await server.finished()
    for result in results {
      #expect(result.ending == .exit(0) && result.output == payload, "\(result)\(log)\(served)")
    }
    #expect(!served.errors.contains("close_notify"), "\(served)")
    Self.expectResumption(served, version, hasALPN: stranger.hasALPN)
  }

  @Test(arguments: versions)
  func `nginx fetches a file, and resumes the session`(version: String) async throws {
    let authority = try await TestAuthority.shared()
    let site = try TemporaryDirectory()
    let payload = try await Self.payload(in: site)
    let server = RunningProgram.sockkit(
      ["http-server", "-v"] + authority.server() + Self.verification(authority) + ["127.0.0.1:0", site.path])
    let place = Place()
    let client = TLSStranger.webClient.start(
      at: place, "client", of: authority, to: "127.0.0.1:\(try await server.announcedPort())",
      version: version)
    let request = Array("GET /payload HTTP/1.0\r\nConnection: close\r\n\r\n".utf8)
    var results: [Finished] = []
    for _ in 1...2 {
      results.append(
        try await sockkit(
          ["connect", "--no-shutdown", "--retry", "30s", place.host, "\(place.port)"], input: .bytes(request))
      )
    }
    let log = try await client.stop()
    server.signal(15)
    let served = try await server.finished()
    for result in results {
      #expect(
        result.output.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8))
          && result.output.suffix(payload.count) == payload[...], "\(result)\(log)\(served)")
    }
    Self.expectResumption(served, version, hasALPN: false)
  }

  @Test(arguments: versions)
  func `gnutls-cli gets its payload back after a half-close, and resumes the session`(version: String)
    async throws
  {
    let authority = try await TestAuthority.shared()
    let server = Self.echoServer(authority)
    // It sends and receives in turns, and reads nothing while it cannot send; this fits in the buffers of the kernel.
    let payload = Array(String(repeating: "payload\n", count: 8192).utf8)
    let client = Stranger(
      name: "gnutls-cli",
      script: """
        exec gnutls-cli --resume --waitresumption --logfile=/run/log --priority NORMAL:-VERS-ALL:+VERS-TLS$1 \\
          --x509cafile $2 --x509certfile $3 --x509keyfile $4 --alpn other --alpn sockkit --port $5 localhost
        """)
    let end = try await client.start(
      [
        version, authority.certificate, authority.certificate("client"), authority.key("client"),
        "\(try await server.announcedPort())",
      ], input: .bytes(payload)
    ).finished()
    server.signal(15)
    let served = try await server.finished()
    #expect(end.ending == .exit(0) && end.output == payload, "\(end)\(served)")
    Self.expectResumption(served, version, hasALPN: true)
  }

  private static func verification(_ authority: TestAuthority) -> [String] {
    ["--tls-client-ca", authority.certificate, "--tls-client-name", "client.example"]
  }

  private static func echoServer(_ authority: TestAuthority) -> RunningProgram {
    RunningProgram.sockkit(
      ["echo-server", "-v", "--tls-alpn", "sockkit"] + authority.server() + verification(authority) + [
        "127.0.0.1:0"
      ])
  }

  /// Checks that a server has seen two connections of one verified client, of which the second is resumed.
  private static func expectResumption(_ served: Finished, _ version: String, hasALPN: Bool) {
    let connections = served.errorLines.filter { $0.contains(": verified as client.example, ") }
    #expect(
      connections.count == 2 && connections.allSatisfy { $0.contains("TLSv\(version) with ") }, "\(served)")
    #expect(connections.map { $0.contains(", resumed") } == [false, true], "\(served)")
    #expect(connections.allSatisfy { $0.contains(", sockkit") } == hasALPN, "\(served)")
  }
}
