// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Commands of `sockkit` as other programs see them.
@Suite(.takingTurns)
struct PeerCommandTests {
  @Test(arguments: Peer.allCases, [[], ["-k"], ["--stats"], ["-k", "--stats"]])
  func `a client half-closes and gets a whole reply`(peer: Peer, flags: [String]) async throws {
    let server = RunningProgram(
      .sockkit(["listen", "-v"] + flags + ["0", "--sh-exec", "cat; head -c 300000 /dev/zero"]),
      input: .file("/dev/null"), limit: 60)
    let client = RunningProgram(
      try peer.client(of: try await server.announcedPort()), input: .bytes(Array("question\n".utf8)))
    let end = try await client.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.output == Array("question\n".utf8) + [UInt8](repeating: 0, count: 300_000), "\(end)")
    if flags.contains("-k") { server.signal(SIGTERM) }
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: Peer.allCases, [[], ["--stats"]])
  func `a server is sent what a command writes`(peer: Peer, flags: [String]) async throws {
    let place = Place()
    let server = RunningProgram(try peer.server(at: place), input: .file("/dev/null"), limit: 60)
    let end = try await sockkit(
      ["connect", "--retry", "15s"] + flags + [
        place.host, "\(place.port)", "--sh-exec", "echo hello; exit 3",
      ])
    #expect(end.ending == .exit(3), "\(end)")
    let other = try await server.finished()
    #expect(other.ending == .exit(0) && other.text == "hello\n", "\(other)")
  }
}
