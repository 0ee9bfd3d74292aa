// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// A standard input that is open but never has any bytes, as a receiver has it under ssh, docker and CI.
@Suite(.takingTurns)
struct InputWaitTests {
  @Test(arguments: [[], ["-k"], ["--output-dir"], ["--no-shutdown"]])
  func `a receiver whose input is silent ends, and so does the sender`(flags: [String]) async throws {
    let directory = try TemporaryDirectory()
    let words = flags.flatMap { $0 == "--output-dir" ? [$0, directory.path] : [$0] }
    let server = RunningProgram(.sockkit(["listen", "-v"] + words + ["127.0.0.1:0"]))
    let client = try await sockkit(
      "connect", "127.0.0.1", "\(server.announcedPort())", input: .bytes(Array("all of it\n".utf8)))
    #expect(client == Finished(.exit(0)))
    if flags == ["-k"] { server.signal(SIGTERM) }
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == (flags == ["--output-dir"] ? "" : "all of it\n"))
  }

  @Test(arguments: [[], ["-k"]])
  func `an input that has brought a byte is awaited`(flags: [String]) async throws {
    let server = RunningProgram(.sockkit(["listen", "-v", "--input-wait", "0"] + flags + ["127.0.0.1:0"]))
    let client = try RunningProgram.python(
      """
      client = connected(arguments[0])
      assert client.recv(1) == b"x"
      client.sendall(b"asked")
      client.shutdown(socket.SHUT_WR)
      say("asked")
      say(received(client))
      """, "\(try await server.announcedPort())")
    server.send("x")
    try await client.outputLine(containing: "asked")
    try await server.output(ofAtLeast: 5)
    server.send("the answer")
    server.closeInput()
    #expect(try await client.finished().text == "asked\nb'the answer'\n")
    if !flags.isEmpty { server.signal(SIGTERM) }
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `with 'forever' a silent input is awaited`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--trace", "--input-wait", "forever", "127.0.0.1:0")
    let client = try RunningProgram.python(
      "client = connected(arguments[0]); client.sendall(b'x'); client.shutdown(1); say(received(client))",
      "\(try await server.announcedPort())")
    // After this close, the server waits for the input without a time limit.
    try await server.errorLine(containing: "close(1)")
    server.send("late")
    server.closeInput()
    #expect(try await client.finished().text == "b'late'\n")
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: [
    (["--input-wait", "x"], "invalid value 'x' for --input-wait"),
    (
      ["--recv-only", "--input-wait", "1s"],
      "--input-wait has no effect with --recv-only, which reads no input"
    ),
  ])
  func `a value or a combination without a meaning is refused`(_ refused: (words: [String], message: String))
    async throws
  {
    let end = try await sockkit(["connect"] + refused.words + ["127.0.0.1", "9"])
    #expect(end.ending == .exit(64) && end.errors.contains(refused.message), "\(end)")
  }
}
