// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct PeerFilterTests {
  @Test(arguments: Role.allCases, Peer.allCases)
  func `all filters together: the peer gets lines as CRLF, and the records are what went over the wire`(
    role: Role, peer: Peer
  ) async throws {
    let directory = try TemporaryDirectory()
    let streams = Meeting.Streams(
      sockkitInput: .bytes(Array("one\ntwo\r\n".utf8) + [255]),
      peerInput: .bytes(Array("three\n".utf8) + [255, 255]))
    let meeting = try await Meeting(
      role, peer,
      peer.accommodation + [
        "-C", "-t", "-d", "20ms", "--rate", "1M", "-x", directory.file("dump"), "--record-sent",
        directory.file("sent"), "--record-received", directory.file("received"),
      ], streams: streams)
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.output == Array("three\n".utf8) + [255])
    let sent = Array("one\r\ntwo\r\n".utf8) + [255, 255]
    #expect(try await meeting.peer.finished() == Finished(.exit(0), output: sent))
    #expect(try directory.read("sent") == sent)
    #expect(try directory.read("received") == Array("three\n".utf8) + [255, 255])
    let dump = String(decoding: try directory.read("dump"), as: UTF8.self)
    #expect(dump.contains("|one..|") && dump.contains("|two..|") && dump.contains("|three...|"))
  }

  @Test(arguments: Role.allCases, Peer.allCases)
  func `8 MiB of random bytes go each way and are recorded`(role: Role, peer: Peer) async throws {
    let directory = try TemporaryDirectory()
    let streams = Meeting.Streams(
      sockkitInput: .file(try await directory.writeRandom(mebibytes: 8, to: "there")),
      sockkitOutput: .file(directory.file("arrived back")),
      peerInput: .file(try await directory.writeRandom(mebibytes: 8, to: "back")),
      peerOutput: .file(directory.file("arrived there")))
    let meeting = try await Meeting(
      role, peer,
      peer.accommodation + [
        "--record-sent", directory.file("sent"), "--record-received", directory.file("received"),
      ],
      streams: streams)
    let end = try await meeting.sockkit.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(try await meeting.peer.finished().ending == .exit(0))
    let there = try await directory.digests("there", "arrived there", "sent")
    #expect(Set(there).count == 1, "from sockkit to its peer")
    let back = try await directory.digests("back", "arrived back", "received")
    #expect(Set(back).count == 1, "from the peer to sockkit")
  }

  @Test func `a telnet client has all its options declined, and lines go both ways`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      "listen", "-v", "-C", "-t", "--record-received", directory.file("received"), "127.0.0.1", "0")
    // The minus sign makes telnet negotiate.
    let client = RunningProgram(
      try .other(
        "inetutils-telnet", package: "inetutils-telnet",
        ["127.0.0.1", "--", "-\(try await server.announcedPort())"]))
    server.send("welcome\n")
    try await client.outputLine(containing: "welcome")
    client.send("hello\n")
    try await server.outputLine(containing: "hello")
    let end = try await server.finish()
    #expect(end.ending == .exit(0) && end.output == Array("hello\r\n".utf8), "\(end)")
    #expect(try await client.finished().text.hasSuffix("welcome\n"))
    #expect(try directory.read("received").contains(255))
  }

  @Test func `sockkit and ncat answer each other's telnet`() async throws {
    let place = Place()
    let server = RunningProgram(
      try .other("ncat", package: "ncat", ["-n", "-t", "-l", place.host, "\(place.port)"]),
      input: .bytes([65, 10]))
    let result = try await sockkit(
      "connect", "-t", "--retry", "15s", "--no-shutdown", place.host, "\(place.port)")
    #expect(result == Finished(.exit(0), output: "A\n"))
    #expect(try await server.finished().ending == .exit(0))
  }
}
