// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct PeerTransferTests {
  @Test(arguments: Role.allCases, Peer.allCases)
  func `64 MiB of random bytes go each way at the same time, unchanged`(role: Role, peer: Peer) async throws {
    let directory = try TemporaryDirectory()
    let streams = Meeting.Streams(
      sockkitInput: .file(try await directory.writeRandom(mebibytes: 64, to: "there")),
      sockkitOutput: .file(directory.file("arrived back")),
      peerInput: .file(try await directory.writeRandom(mebibytes: 64, to: "back")),
      peerOutput: .file(directory.file("arrived there")))
    let meeting = try await Meeting(role, peer, peer.accommodation, streams: streams)
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(0), "\(end)")
    let other = try await meeting.peer.finished()
    #expect(other.ending == .exit(0), "\(other)")
    let digests = try await directory.digests("there", "arrived there", "back", "arrived back")
    #expect(digests[0] == digests[1], "from sockkit to its peer")
    #expect(digests[2] == digests[3], "from the peer to sockkit")
  }

  @Test(arguments: Role.allCases, Peer.allCases)
  func `empty streams end in order`(role: Role, peer: Peer) async throws {
    let meeting = try await Meeting(role, peer, streams: Meeting.Streams())
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.output.isEmpty)
    #expect(end.errors.contains("sent 0 bytes, received 0 bytes"))
    #expect(try await meeting.peer.finished() == Finished(.exit(0)))
  }

  @Test(arguments: Role.allCases, Peer.allCases)
  func `one byte goes each way`(role: Role, peer: Peer) async throws {
    let streams = Meeting.Streams(sockkitInput: .bytes([0]), peerInput: .bytes([255]))
    let meeting = try await Meeting(role, peer, peer.accommodation, streams: streams)
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.output == [255])
    #expect(try await meeting.peer.finished() == Finished(.exit(0), output: [0]))
  }

  @Test(arguments: Role.allCases, Peer.allCases)
  func `a peer that half-closes at once still gets a whole file`(role: Role, peer: Peer) async throws {
    let directory = try TemporaryDirectory()
    let streams = Meeting.Streams(
      sockkitInput: .file(try await directory.writeRandom(mebibytes: 8, to: "file")),
      peerOutput: .file(directory.file("copy")))
    let meeting = try await Meeting(role, peer, streams: streams)
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.output.isEmpty)
    #expect(try await meeting.peer.finished().ending == .exit(0))
    let digests = try await directory.digests("file", "copy")
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: Peer.allCases)
  func `a slow reader gets everything`(peer: Peer) async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 6, to: "file")
    let reader = try RunningProgram.python(
      """
      listener = listening()
      connection = listener.accept()[0]
      connection.shutdown(socket.SHUT_WR)
      digest = hashlib.sha256()
      while part := connection.recv(700):
          digest.update(part)
      say(digest.hexdigest())
      """)
    // From the peer through sockkit to a reader that takes little at a time.
    let server = RunningProgram(
      .shell(
        "sockkit listen -v 127.0.0.1 0 < /dev/null | sockkit connect 127.0.0.1 $1",
        ["\(try await reader.printedPort())"]))
    let source = RunningProgram(try peer.client(of: try await server.announcedPort()), input: .file(file))
    #expect(try await server.finished().ending == .exit(0))
    #expect(try await source.finished().ending == .exit(0))
    let digest = try await directory.digests("file")[0]
    try await reader.outputLine(containing: digest)
  }
}
