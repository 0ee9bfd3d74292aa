// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct TelnetTests {
  @Test func `options are declined and kept out of the output, however they are cut`() async throws {
    let peer = try RunningProgram.python(
      #"""
      connection = accepted()
      connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
      for byte in b"a\xff\xfb\x01b\xff\xfd\x18c\xff\xfa\x18\x01\xff\xff\xff\xf0d\xff\xffe\r\0f\xff\xfe\x05\r\n":
          connection.send(bytes([byte]))
          told("taken")
      answers = b""
      while len(answers) < 6:
          answers += connection.recv(100)
      say(answers.hex())
      connection.shutdown(socket.SHUT_WR)
      say(received(connection).hex())
      """#)
    let client = RunningProgram.sockkit(
      "connect", "--trace", "-t", "127.0.0.1:\(try await peer.printedPort())")
    // Each of the bytes is received alone.
    for number in 1...29 {
      _ = try await client.errorLine(containing: "recv(3, ", number: number)
      peer.send("taken\n")
    }
    try await peer.outputLine(containing: "fffe01fffc18")
    client.send([65, 255, 13, 10, 13])
    let end = try await client.finish()
    #expect(
      end.ending == .exit(0) && end.output == Array("abcd".utf8) + [255] + Array("e\rf\r\n".utf8), "\(end)")
    #expect(try await peer.finished().text.hasSuffix("fffe01fffc18\n41ffff0d0a0d00\n"))
  }

  @Test func `two that speak telnet leave every byte unchanged`() async throws {
    let directory = try TemporaryDirectory()
    let there = try await directory.writeRandom(mebibytes: 3, to: "there")
    let back = try await directory.writeRandom(mebibytes: 3, to: "back")
    let server = RunningProgram.sockkit(
      "listen", "-v", "-t", "127.0.0.1", "0", input: .file(back),
      output: .file(directory.file("arrived there")))
    let client = try await sockkit(
      "connect", "-t", "127.0.0.1:\(server.announcedPort())", input: .file(there),
      output: .file(directory.file("arrived back")))
    #expect(client == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
    let digests = try await directory.digests("there", "arrived there", "back", "arrived back")
    #expect(digests[0] == digests[1] && digests[2] == digests[3])
  }

  @Test func `an answer is not put inside a line's end`() async throws {
    let peer = try RunningProgram.python(
      #"""
      connection = accepted()
      assert connection.recv(100) == b"a\r"
      connection.send(b"\xff\xfb\x01")
      say(connection.recv(100).hex())
      connection.shutdown(socket.SHUT_WR)
      say(received(connection).hex())
      """#)
    let client = RunningProgram.sockkit("connect", "-t", "127.0.0.1:\(try await peer.printedPort())")
    client.send("a\r")
    try await peer.outputLine(containing: "00fffe01")
    client.send("\n")
    #expect(try await client.finish() == Finished(.exit(0)))
    #expect(try await peer.finished().text.hasSuffix("00fffe01\n0a\n"))
  }

  @Test(arguments: [["--recv-only"], ["--send-only"], []])
  func `a peer that asks and leaves has ended in order`(flags: [String]) async throws {
    let peer = try RunningProgram.python(
      #"""
      connection = accepted()
      connection.send(b"\xff\xfd\x18hello")
      # In time for the answer, or not: both are in order.
      connection.shutdown(socket.SHUT_WR)
      received(connection) if "recv" not in arguments[0] else connection.recv(3)
      """#, flags.first ?? "")
    let client = try await sockkit(
      ["connect", "-t", "--timeout", "10s", "127.0.0.1:\(peer.printedPort())"] + flags)
    #expect(client == Finished(.exit(0), output: flags == ["--send-only"] ? "" : "hello"))
  }

  @Test func `a peer that asks without end and reads nothing costs no memory`() async throws {
    let peer = try RunningProgram.python(
      #"""
      connection = accepted()
      connection.settimeout(1)
      sent = 0
      try:
          while sent < 1 << 30:
              sent += connection.send(b"\xff\xfb\x01" * 20000)
      except TimeoutError:
          say("stuck")
      told("measured")
      """#)
    let client = RunningProgram.sockkit("connect", "-t", "127.0.0.1:\(try await peer.printedPort())")
    try await peer.outputLine(containing: "stuck")
    let status = try await shell("grep VmHWM /proc/$1/status", "\(client.processIdentifier())")
    let kibibytes = try #require(Int(status.text.split(separator: " ").dropLast().last ?? ""))
    #expect(kibibytes < 64 << 10, "\(status)")
    peer.send("measured\n")
    _ = try await peer.finish()
    client.signal(15)
    #expect(try await client.finished().ending != .overdue)
  }
}
