// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// STARTTLS with real servers.
@Suite(.takingTurns)
struct StartTLSStrangerTests {
  @Test(arguments: StartTLSStranger.all, ["1.2", "1.3"])
  func `the server is verified, and a dialogue with it is protected`(
    stranger: StartTLSStranger, version: String
  ) async throws {
    let authority = try await TestAuthority.shared()
    let place = Place()
    let server = stranger.server.start(
      [place.host, "\(place.port)", authority.certificate("good"), authority.key("good")])
    let options = [
      "connect", "--starttls", stranger.service, "--tls-max", version, "--tls-ca", authority.certificate,
      "--tls-name", "localhost",
    ]
    let check = try await sockkit(
      options + ["-z", "-v", "--retry", "30s", place.host, "\(place.port)"])

    let session = RunningProgram.sockkit(
      options + (stranger.truncates ? ["--tls-allow-truncation"] : []) + [place.host, "\(place.port)"])
    session.send(stranger.request)
    var answer: String?
    switch stranger.answer {
    case .line(let text): answer = try? await session.outputLine(containing: text)
    case .bytes(let bytes): try? await session.output(ofAtLeast: bytes.count)
    }
    let end = try await session.finish()
    let log = try await server.stop()
    #expect(
      check.ending == .exit(0) && check.errors.contains("TLSv\(version) with ")
        && check.errors.contains("verified as localhost"), "\(check)\(log)")
    #expect(end.ending == .exit(0), "\(end)\(log)")
    if case .bytes(let bytes) = stranger.answer {
      #expect(end.output.starts(with: bytes), "\(end)\(log)")
    } else {
      #expect(answer != nil, "\(end)\(log)")
    }
  }

  @Test(arguments: StartTLSStranger.all)
  func `a server that another authority has certified is refused`(stranger: StartTLSStranger) async throws {
    let authority = try await TestAuthority.shared()
    let place = Place()
    let server = stranger.server.start(
      [place.host, "\(place.port)", authority.certificate("foreign"), authority.key("foreign")])
    // A refusal is final, but until then the server may not listen yet.
    let end = try await sockkit(
      [
        "connect", "--starttls", stranger.service, "--tls-ca", authority.certificate, "--tls-name",
        "localhost", "--retry", "30s", place.host, "\(place.port)",
      ])
    let log = try await server.stop()
    #expect(
      end.ending == .exit(77) && end.errors.contains("is not signed by a trusted authority"), "\(end)\(log)")
  }
}
