// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

@Suite(.takingTurns)
struct PeerFailureTests {
  /// Sends without end to a peer whose output is not read, so that it stops reading from its connection.
  private func meetStuckPeer(_ role: Role, _ peer: Peer, _ flags: [String]) async throws -> Finished {
    let directory = try TemporaryDirectory()
    let made = try await shell("mkfifo $1", directory.file("pipe"))
    #expect(made == Finished(.exit(0)))
    let streams = Meeting.Streams(sockkitInput: .file("/dev/zero"))
    let meeting = try await Meeting(role, peer, flags, streams: streams) { program in
      // A FIFO that the peer opens for reading and writing: it never breaks, and is never read.
      .shell(
        "fifo=$1; shift; exec \"$@\" 1<> $fifo", [directory.file("pipe"), program.path] + program.arguments)
    }
    return try await meeting.sockkit.finished()
  }

  @Test(arguments: Role.allCases, Peer.allCases)
  func `a peer that never reads is given up after the idle time`(role: Role, peer: Peer) async throws {
    let end = try await meetStuckPeer(role, peer, ["-i", "400ms"])
    #expect(end.ending == .exit(75), "\(end)")
    #expect(
      end.errorLines.last?.hasSuffix("timed out after 400 ms without a byte in either direction") == true,
      "\(end)")
  }

  @Test(arguments: Peer.allCases)
  func `a peer that never reads is given up when --timeout is over`(peer: Peer) async throws {
    let end = try await meetStuckPeer(.connect, peer, ["--timeout", "2"])
    #expect(end.ending == .exit(75), "\(end)")
    #expect(
      end.errorLines.last?.hasSuffix("not finished within the time allowed (--timeout)") == true, "\(end)")
  }

  @Test(arguments: Role.allCases, Peer.allCases)
  func `a peer that dies in the middle of a transfer is status 74`(role: Role, peer: Peer) async throws {
    let streams = Meeting.Streams(
      sockkitInput: .file("/dev/zero"), sockkitOutput: .file("/dev/null"), peerInput: .file("/dev/zero"))
    let meeting = try await Meeting(role, peer, streams: streams)
    try await meeting.peer.output(ofAtLeast: 1 << 20)
    meeting.peer.signal(SIGKILL)
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(74), "\(end)")
    let last = try #require(end.errorLines.last)
    #expect(last.hasSuffix(": Connection reset by peer") || last.hasSuffix(": Broken pipe"), "\(end)")
    #expect(try await meeting.peer.finished().ending == .signal(SIGKILL))
  }
}
