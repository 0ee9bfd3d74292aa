// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct CRLFTests {
  /// Any mixture of CR, LF and other bytes, converted as RFC 854 and similar protocols require.
  private static func converted(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if byte == 10, index == 0 || bytes[index - 1] != 13 { result.append(13) }
      result.append(byte)
    }
    return result
  }

  @Test(arguments: ["connect", "listen"])
  func `-C sends LF as CRLF and changes nothing that arrives`(role: String) async throws {
    let flags = role == "listen" ? ["-C"] : []
    let server = RunningProgram(
      .sockkit(["listen", "-v", "127.0.0.1", "0"] + flags), input: .bytes(Array("1\n2\r\n3".utf8)))
    let address = "127.0.0.1:\(try await server.announcedPort())"
    let client = try await sockkit(
      ["connect", address] + (role == "connect" ? ["-C"] : []), input: .bytes(Array("a\nb\r\n\rc\r".utf8)))
    #expect(client == Finished(.exit(0), output: role == "listen" ? "1\r\n2\r\n3" : "1\n2\r\n3"))
    #expect(try await server.finished().text == (role == "connect" ? "a\r\nb\r\n\rc\r" : "a\nb\r\n\rc\r"))
  }

  @Test func `a CR and an LF that are read apart stay one line's end`() async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      while part := connection.recv(100):
          say(part.hex())
      """)
    let client = RunningProgram.sockkit("connect", "--crlf", "127.0.0.1:\(try await peer.printedPort())")
    client.send("a\r")
    // It arrives before the LF is written: a CR is not held back.
    try await peer.outputLine(containing: "610d")
    client.send("\n")
    try await peer.outputLine(containing: "0a")
    client.send("b\n")
    #expect(try await client.finish() == Finished(.exit(0)))
    #expect(try await peer.finished().text.split(separator: "\n").dropFirst() == ["610d", "0a", "620d0a"])
  }

  @Test func `a large stream of line ends arrives converted, whatever the pieces`() async throws {
    let directory = try TemporaryDirectory()
    var generator = SystemRandomNumberGenerator()
    let choice: [UInt8] = [13, 10, 65, 255]
    let bytes = (0..<3 << 20).map { _ in choice[Int.random(in: 0..<4, using: &generator)] }
    let file = try directory.write(bytes, to: "file")
    let server = RunningProgram.sockkit(
      "listen", "-v", "--receive-buffer", "4096", "127.0.0.1", "0", input: .file("/dev/null"),
      output: .file(directory.file("arrived")))
    let client = try await sockkit(
      "connect", "-C", "--send-buffer", "8192", "127.0.0.1:\(server.announcedPort())", input: .file(file))
    #expect(client == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
    #expect(try directory.read("arrived") == Self.converted(bytes))
  }

  @Test func `what was not sent is still there for who reads the file next`() async throws {
    let directory = try TemporaryDirectory()
    let lines = String(repeating: "line\n", count: 400_000)
    let file = try directory.write(lines, to: "file")
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      print(sys.stdin.readline(), end="")
      connection.settimeout(20)
      sys.stdout.buffer.write(received(connection))
      """)
    let port = try await peer.printedPort()
    // The peer does not read until sockkit has ended.
    let rest = try await shell(
      "{ sockkit connect -C -t --send-buffer 8K --record-sent $3 --timeout 0.5s 127.0.0.1 $1; echo status $? >&2; cat; } < $2",
      "\(port)", file, directory.file("sent"))
    #expect(rest.errors.contains("not finished within the time allowed"))
    #expect(rest.errors.hasSuffix("status 75\n"))
    let sent = String(decoding: try directory.read("sent"), as: UTF8.self)
    #expect(!sent.isEmpty && sent.utf8.count < lines.utf8.count)
    // Half of a line ending may have been sent: its CR, without which the LF does not count as sent.
    let whole = sent.hasSuffix("\r") ? String(sent.dropLast()) : sent
    #expect(whole.replacing("\r\n", with: "\n") + rest.text == lines)
    peer.send("\n")
    _ = try await peer.finish()
  }
}
