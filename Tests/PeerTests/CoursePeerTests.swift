// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import TestSupport
import Testing

/// The programs of a course, and small servers of well-known protocols, as peers.
@Suite(.takingTurns)
struct CoursePeerTests {
  /// A program of the examples; without writing what Python compiles of them.
  private static func example(_ name: String, _ arguments: String...) throws -> Program {
    try .other("python3", package: "python3", ["-B", Project.path("examples/\(name)")] + arguments)
  }

  /// Starts a server of the examples on a free port.
  private static func server(_ name: String) async throws -> (program: RunningProgram, port: String) {
    let program = RunningProgram(try example(name, "0"))
    let line = try await program.outputLine(containing: "listening on ")
    return (program, "\(try #require(line.split(separator: " ").last))")
  }

  /// Sends lines to a server of the examples, and waits for all that it answers.
  private static func dialogue(with name: String, _ lines: String...) async throws -> String {
    let (server, port) = try await server("protocols/\(name)")
    defer { withExtendedLifetime(server) {} }
    let input = Array(lines.map { $0 + "\n" }.joined().utf8)
    let result = try await sockkit("connect", "-C", "127.0.0.1", port, input: .bytes(input))
    #expect(result.ending == .exit(0), "\(result)")
    return result.text.replacing("\r\n", with: "\n")
  }

  // MARK: The programs of a course

  @Test func `an iterative echo server returns every byte, one client after the other`() async throws {
    let (server, port) = try await Self.server("course/echo-server.py")
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for _ in 0..<2 {
      let result = try await sockkit("connect", "127.0.0.1", port, input: .bytes(bytes))
      #expect(result.ending == .exit(0) && result.output == bytes, "\(result)")
    }
    server.signal(SIGINT)
    #expect(try await server.finished().text.contains("finished: 127.0.0.1\nconnected: 127.0.0.1\n"))
  }

  @Test(arguments: ["event", "thread", "fork"])
  func `an echo client that sends no newlines is answered`(model: String) async throws {
    let server = RunningProgram.sockkit("echo-server", "-v", "--model", model, "127.0.0.1", "0")
    let port = "\(try await server.announcedPort())"
    let client = RunningProgram(
      try Self.example("course/echo-client.py", port, "hello", "good day", "grüß dich"),
      input: .file("/dev/null"))
    #expect(try await client.finished() == Finished(.exit(0), output: "hello\ngood day\ngrüß dich\n"))
  }

  @Test(arguments: [["listen"], ["listen", "--blocking"]])
  func `a chat that takes turns works with listen`(listen: [String]) async throws {
    let server = RunningProgram(.sockkit(listen + ["-v", "127.0.0.1", "0"]))
    let port = "\(try await server.announcedPort())"
    let client = RunningProgram(try Self.example("course/chat-client.py", port))
    client.send("are you there?\n")
    try await server.outputLine(containing: "are you there?")
    server.send("yes\n")
    try await client.outputLine(containing: "server: yes")
    client.send("good\n")
    try await server.outputLine(containing: "good")
    server.closeInput()
    #expect(try await client.finished().ending == .exit(0))
    #expect(try await server.finished().text == "are you there?\ngood\n")
  }

  @Test(arguments: [["connect"], ["connect", "--blocking"]])
  func `a chat that takes turns works with connect`(connect: [String]) async throws {
    let (server, port) = try await Self.server("course/chat-server.py")
    let client = RunningProgram(.sockkit(connect + ["127.0.0.1", port]))
    client.send("hello\n")
    try await server.outputLine(containing: "client: hello")
    server.send("welcome\n")
    try await client.outputLine(containing: "welcome")
    let end = try await client.finish()
    #expect(end == Finished(.exit(0), output: "welcome\n"))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a message server acknowledges what it has received`() async throws {
    let (server, port) = try await Self.server("course/message-server.py")
    let message = RunningProgram.Input.bytes(Array("good morning\n".utf8))
    #expect(
      try await sockkit("connect", "127.0.0.1", port, input: message)
        == Finished(.exit(0), output: "message received\n"))
    try await server.outputLine(containing: "message: good morning")
  }

  @Test(arguments: [
    (["add", "1", "2"], "3\n"), (["divide", "1", "4"], "0.25\n"), (["multiply", "1.5", "-4"], "-6.0\n"),
    (["concatenate", "ab", "c d"], "abc d\n"),
    (["multiply", "9223372036854775807", "9223372036854775807"], "85070591730234615847396907784232501249\n"),
  ])
  func `a client made of struct calculates`(words: [String], result: String) async throws {
    let server = RunningProgram.sockkit("calc-server", "-v", "127.0.0.1", "0")
    let port = "\(try await server.announcedPort())"
    let client = RunningProgram(
      try .other(
        "python3", package: "python3", ["-B", Project.path("examples/course/calc-client.py"), port] + words),
      input: .file("/dev/null"))
    #expect(try await client.finished() == Finished(.exit(0), output: result))
  }

  @Test func `a client made of struct shows the error of the server`() async throws {
    let server = RunningProgram.sockkit("calc-server", "-v", "127.0.0.1", "0")
    let port = "\(try await server.announcedPort())"
    let client = RunningProgram(
      try Self.example("course/calc-client.py", port, "divide", "1", "0"), input: .file("/dev/null"))
    #expect(try await client.finished() == Finished(.exit(1), errors: "error: division by zero\n"))
  }

  // MARK: Small servers of well-known protocols

  @Test func `mail is sent, and a dot at the beginning of a line is doubled`() async throws {
    let (server, port) = try await Self.server("protocols/smtp.py")
    let lines = [
      "EHLO me", "RCPT TO:<b>", "MAIL FROM:<a>", "RCPT TO:<b>", "RCPT TO:<c>", "DATA", "..hidden", "end", ".",
      "VRFY b", "QUIT",
    ]
    let input = Array(lines.map { $0 + "\n" }.joined().utf8)
    let result = try await sockkit("connect", "-C", "127.0.0.1", port, input: .bytes(input))
    #expect(result.ending == .exit(0), "\(result)")
    let statuses = result.text.split(separator: "\r\n").map { String($0.prefix(3)) }
    #expect(
      statuses == ["220", "250", "503", "250", "250", "250", "354", "250", "500", "221"], "\(result)")
    try await server.outputLine(containing: "from <a> to <b>, <c>")
    try await server.outputLine(containing: "| .hidden")
  }

  @Test func `a mailbox is listed, read and emptied`() async throws {
    #expect(
      try await Self.dialogue(
        with: "pop3.py", "STAT", "USER b", "PASS s", "STAT", "LIST", "DELE 1", "RETR 1", "RETR x", "STAT",
        "QUIT")
          == """
          +OK ready
          -ERR first USER and PASS
          +OK
          +OK 2 messages
          +OK 2 111
          +OK
          1 51
          2 60
          .
          +OK deleted
          -ERR unknown command or message
          -ERR unknown command or message
          +OK 1 60
          +OK bye

          """)
  }

  @Test func `a mailbox on the server answers each command by its tag`() async throws {
    #expect(
      try await Self.dialogue(
        with: "imap.py", "1 SELECT INBOX", "2 LOGIN b s", "3 FETCH 1 BODY[]", "4 SELECT inbox",
        "5 FETCH 9 BODY[]", "6 IDLE", "7 LOGOUT")
          == """
          * OK ready
          1 NO not in this state, or not here: you are not authenticated
          2 OK logged in
          3 NO not in this state, or not here: you are authenticated
          * 2 EXISTS
          4 OK [READ-ONLY] selected
          5 NO not in this state, or not here: you are selected
          6 BAD unknown command
          * BYE
          7 OK done

          """)
  }

  @Test func `a file comes over a connection of its own`() async throws {
    let (server, port) = try await Self.server("protocols/ftp.py")
    defer { withExtendedLifetime(server) {} }
    let control = RunningProgram.sockkit("connect", "-C", "127.0.0.1", port)
    control.send("RETR hello.txt\nUSER a\nPASS b\nPASV\n")
    try await control.outputLine(containing: "425 ")
    let place = try await control.outputLine(containing: "227 ")
    let numbers = place.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 7, "\(place)")
    control.send("RETR nothing\nRETR hello.txt\n")
    try await control.outputLine(containing: "550 ")
    let data = try await sockkit("connect", "--recv-only", "127.0.0.1", "\(numbers[5] * 256 + numbers[6])")
    #expect(data == Finished(.exit(0), output: "Hello!\r\n"))
    try await control.outputLine(containing: "226 ")
    control.send("QUIT\n")
    try await control.outputLine(containing: "221 ")
    #expect(try await control.finish().ending == .exit(0))
  }

  @Test func `a telnet host that offers an option is refused it`() async throws {
    let (server, port) = try await Self.server("protocols/telnet.py")
    let client = RunningProgram.sockkit("connect", "-t", "-C", "127.0.0.1", port)
    try await client.output(ofAtLeast: "login: ".utf8.count)
    client.send("ann\n")
    try await client.outputLine(containing: "login: Welcome, ann!")
    try await server.outputLine(containing: "the client says DONT 1")
    client.send("quit\n")
    let end = try await client.finish()
    #expect(end.ending == .exit(0) && end.text.hasSuffix("You typed quit.\r\n"), "\(end)")
  }
}
