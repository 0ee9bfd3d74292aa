// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct HexDumpTests {
  private static func generalized(_ text: String) -> String {
    text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/, with: "TIME")
  }

  private func exchange(_ flags: [String]) async throws -> Finished {
    let server = try RunningProgram.python(
      #"""
      connection = accepted()
      received(connection)
      connection.send(b"\x1b]0;title\x07\r\n and more \xc3\xa9")
      """#)
    return try await sockkit(
      ["connect", "127.0.0.1:\(server.printedPort())"] + flags, input: .bytes(Array("hello\n".utf8)))
  }

  private static let lines = """
    > TIME 00000000  68 65 6c 6c 6f 0d 0a                              |hello..|
    < TIME 00000000  1b 5d 30 3b 74 69 74 6c  65 07 0d 0a 20 61 6e 64  |.]0;title... and|
    < TIME 00000010  20 6d 6f 72 65 20 c3 a9                           | more ..|

    """

  @Test func `-x - writes lines without a prefix to standard error`() async throws {
    let result = try await exchange(["-C", "-x", "-"])
    #expect(result.ending == .exit(0))
    #expect(Self.generalized(result.errors) == Self.lines)
  }

  @Test func `-x writes the same lines into a file`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await exchange(["-C", "--hex-dump", directory.file("dump")])
    #expect(result.ending == .exit(0) && result.errors.isEmpty)
    #expect(Self.generalized(String(decoding: try directory.read("dump"), as: UTF8.self)) == Self.lines)
  }

  @Test func `a log in JSON stays one`() async throws {
    let result = try await exchange(["-C", "-x", "-", "--log-format", "json"])
    #expect(result.ending == .exit(0))
    #expect(result.errorLines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    #expect(result.errors.contains("|hello..|"))
  }

  @Test func `the bytes of a large dump are those of the transfer`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 1, to: "file")
    let server = RunningProgram.sockkit(
      "listen", "-v", "-x", directory.file("dump"), "127.0.0.1", "0", input: .file("/dev/null"),
      output: .file(directory.file("arrived")))
    #expect(
      try await sockkit("connect", "127.0.0.1:\(server.announcedPort())", input: .file(file)).ending
        == .exit(0))
    #expect(try await server.finished().ending == .exit(0))
    let compared = try await python(
      """
      data, offset = bytearray(), 0
      for line in open(arguments[0]):
          direction, moment, rest = line.split(" ", 2)
          assert direction == "<" and int(rest[:8], 16) == offset, line
          part = bytes.fromhex(rest[8:rest.index("|")])
          data += part
          offset += len(part)
      say(data == open(arguments[1], "rb").read())
      """, directory.file("dump"), file)
    #expect(compared == Finished(.exit(0), output: "True\n"))
  }
}
