// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Datagrams that DTLS protects, exchanged with other programs in both roles.
@Suite(.takingTurns)
struct DTLSPeerTests {
  /// A program that speaks DTLS.
  enum Stranger: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case openssl
    case socat

    var testDescription: String { rawValue }

    /// The program as a client that sends its standard input, and writes the answers.
    func client(of port: UInt16, _ authority: TestAuthority) throws -> Program {
      switch self {
      case .openssl:
        try .other(
          "openssl", package: "openssl",
          [
            "s_client", "-quiet", "-no_ign_eof", "-nocommands", "-dtls1_2", "-verify_return_error", "-CAfile",
            authority.certificate, "-connect", "127.0.0.1:\(port)",
          ])
      case .socat:
        try .other(
          "socat", package: "socat",
          ["-", "OPENSSL-DTLS-CLIENT:localhost:\(port),pf=ip4,cafile=\(authority.certificate)"])
      }
    }

    /// The program as a server that writes what it receives.
    func server(at place: Place, _ authority: TestAuthority) throws -> Program {
      switch self {
      case .openssl:
        try .other(
          "openssl", package: "openssl",
          [
            "s_server", "-quiet", "-dtls1_2", "-listen", "-accept", "\(place.host):\(place.port)", "-cert",
            authority.certificate("good"), "-key", authority.key("good"),
          ])
      case .socat:
        try .other(
          "socat", package: "socat",
          [
            "-u",
            "OPENSSL-DTLS-SERVER:\(place.port),bind=\(place.host),verify=0,"
              + "cert=\(authority.certificate("good")),key=\(authority.key("good"))", "-",
          ])
      }
    }
  }

  @Test(arguments: Stranger.allCases)
  func `a client is answered`(stranger: Stranger) async throws {
    let authority = try await TestAuthority.shared()
    let server = RunningProgram.sockkit(
      ["echo-server", "-v", "--udp", "--prefix", "echo -> "] + authority.server() + ["127.0.0.1", "0"])
    let client = RunningProgram(try stranger.client(of: try await server.announcedPort(), authority))
    client.send("question\n")
    _ = try await client.outputLine(containing: "echo -> question")
    client.closeInput()
    client.signal(15)
    server.signal(15)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a message that comes directly behind the handshake is a reply`() async throws {
    let authority = try await TestAuthority.shared()
    let place = Place()
    let server = RunningProgram(try Stranger.openssl.server(at: place, authority))
    server.send("greeting")
    let end = try await shell(
      """
      until grep -q "$(printf ':%04X' "$2")" /proc/net/udp; do sleep 0.02; done
      exec sockkit udp-send --tls --tls-ca "$3" --tls-name localhost --expect 1 -W 20s "$1" "$2" hello
      """, place.host, "\(place.port)", authority.certificate)
    #expect(end == Finished(.exit(0), output: "[\(place.host)] greeting\n"))
  }

  @Test(arguments: Stranger.allCases)
  func `a server receives messages`(stranger: Stranger) async throws {
    let authority = try await TestAuthority.shared()
    let place = Place()
    let server = RunningProgram(try stranger.server(at: place, authority))
    // Until the peer has bound its port, which it does not report.
    let sent = try await shell(
      """
      until grep -q "$(printf ':%04X' "$2")" /proc/net/udp; do sleep 0.02; done
      exec sockkit udp-send --tls --tls-ca "$3" --tls-name localhost "$1" "$2" one two
      """, place.host, "\(place.port)", authority.certificate)
    #expect(sent == Finished(.exit(0)))
    try await server.output(ofAtLeast: "onetwo".utf8.count)
    server.signal(15)
    #expect(try await server.finished().text == "onetwo")
  }
}
