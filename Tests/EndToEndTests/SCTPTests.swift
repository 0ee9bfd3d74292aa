// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import TestSupport
import Testing

/// Streams over SCTP, where the kernel has it, and what is said where it does not.
@Suite(.takingTurns)
struct SCTPTests {
  static let isSupported: Bool = {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), CInt(IPPROTO_SCTP))
    guard descriptor >= 0 else { return false }
    close(descriptor)
    return true
  }()

  static let absence =
    "sockkit: create SCTP socket: this kernel does not support it (Protocol not supported)\n"

  @Test(
    .enabled(if: !isSupported),
    arguments: [
      ["connect", "--sctp", "127.0.0.1", "9"], ["connect", "--sctp", "::1", "9"],
      ["connect", "-z", "--sctp", "127.0.0.1", "9"], ["listen", "--sctp", "0"],
      ["listen", "--sctp", "127.0.0.1", "0"], ["echo-server", "--sctp", "0"], ["calc-server", "--sctp", "0"],
      ["http-server", "--sctp", "0"], ["calc", "--sctp", "127.0.0.1", "9", "1"],
      ["forward", "--sctp", "0", "127.0.0.1:9"],
    ])
  func `a kernel without it is status 71 with a reason`(arguments: [String]) async throws {
    #expect(try await sockkit(arguments) == Finished(.exit(71), errors: Self.absence))
  }

  @Test(arguments: [
    (["connect", "--sctp", "--mptcp", "h", "1"], "--mptcp does not apply to SCTP"),
    (["connect", "--sctp", "--keepalive", "9", "h", "1"], "--keepalive does not apply to SCTP"),
    (["connect", "--sctp", "--mss", "900", "h", "1"], "--mss does not apply to SCTP"),
    (["connect", "--sctp", "--cork", "h", "1"], "--cork does not apply to SCTP"),
    (["connect", "--sctp", "--quick-ack", "h", "1"], "--quick-ack does not apply to SCTP"),
    (["connect", "--sctp", "unix:/x"], "--sctp does not apply to a Unix socket"),
    (
      ["connect", "--sctp", "--blocking", "h", "1"],
      "--blocking uses plain blocking calls: it excludes --sctp"
    ),
    (["connect", "--sctp", "--proxy", "socks5://h:1", "h", "1"], "--proxy and --sctp exclude each other"),
    (["calc", "--sctp", "unix:/x", "1"], "--sctp does not apply to a Unix socket"),
    (["echo-server", "--sctp", "--udp", "0"], "--sctp excludes --udp"),
    (["listen", "--sctp", "--defer-accept", "1", "0"], "--defer-accept does not apply to SCTP"),
    (
      ["forward", "--sctp", "unix:/x", "h:1"],
      "--sctp does not apply to a Unix socket (for the target, use '--sctp-target')"
    ),
    (["forward", "--sctp-target", "0", "unix:/x"], "--sctp-target does not apply to a Unix socket"),
    (["forward", "--sctp-target", "--fast-open", "0", "h:1"], "--fast-open does not apply to SCTP"),
  ])
  func `what only TCP has is a usage error`(arguments: [String], message: String) async throws {
    let end = try await sockkit(arguments)
    #expect(end.ending == .exit(64), "\(end)")
    #expect(end.errors.hasPrefix("sockkit: \(message)\n"), "\(end)")
  }

  @Test(.enabled(if: isSupported))
  func `a transfer is complete, and its end is that of both directions`() async throws {
    let content = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    let server = RunningProgram(.sockkit(["listen", "-v", "--sctp", "127.0.0.1", "0"]))
    let port = try await server.announcedPort()
    let client = try await sockkit("connect", "--sctp", "127.0.0.1", "\(port)", input: .bytes(content))
    #expect(client == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.output == content)
  }
}
