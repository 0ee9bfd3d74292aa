// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// `connect -z` compared with other programs, and run against them.
@Suite(.takingTurns)
struct PeerCheckTests {
  @Test(arguments: Peer.allCases)
  func `a peer that is checked gets an orderly end and no byte`(peer: Peer) async throws {
    let meeting = try await Meeting(.connect, peer, ["-z"], streams: Meeting.Streams())
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(0) && end.output.isEmpty, "\(end)")
    let other = try await meeting.peer.finished()
    #expect(other.ending == .exit(0) && other.output.isEmpty, "\(other)")
  }

  @Test(arguments: Peer.allCases)
  func `a peer that sends at once is not answered with a reset`(peer: Peer) async throws {
    let streams = Meeting.Streams(peerInput: .bytes(Array("220 ready\r\n".utf8)))
    let meeting = try await Meeting(.connect, peer, ["-z"], streams: streams)
    #expect(try await meeting.sockkit.finished().ending == .exit(0))
    let other = try await meeting.peer.finished()
    #expect(other.ending == .exit(0) && other.errors.isEmpty, "\(other)")
  }

  @Test func `the same ports are open as nc finds`() async throws {
    let servers = (0..<3).map { _ in RunningProgram.sockkit("echo-server", "-v", "127.0.0.1:0") }
    var ports: [UInt16] = []
    for server in servers { ports.append(try await server.announcedPort()) }
    let (closed, list) = (SilentPort(), ports.map(String.init))
    for words in [list, list + ["\(closed.number)"], ["\(closed.number)"]] {
      let netcat = try Program.other(
        "nc.openbsd", package: "netcat-openbsd", ["-n", "-z", "-v", "127.0.0.1"] + words)
      let theirs = try await RunningProgram(netcat, input: .file("/dev/null")).finished()
      let ours = try await sockkit(["connect", "-n", "-z", "-v", "127.0.0.1"] + words)
      let succeeded = words.filter { theirs.errors.contains(" 127.0.0.1 \($0) port") }
      #expect(
        words.filter { ours.errors.contains("127.0.0.1:\($0): open") } == succeeded, "\(ours) \(theirs)")
      #expect(ours.ending == .exit(succeeded == words ? 0 : 69), "\(ours)")
    }
    // Waits for the end of each, because a program that is released early is killed.
    for server in servers {
      server.signal(SIGTERM)
      #expect(try await server.finished().ending == .exit(0))
    }
  }
}
