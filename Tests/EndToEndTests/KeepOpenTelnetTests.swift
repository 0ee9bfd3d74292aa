// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Filters that add bytes of their own, in `listen` with many clients or with `--reply`: those bytes are not payload.
@Suite(.takingTurns)
struct KeepOpenTelnetTests {
  @Test func `an option that is asked for after the half-close is not answered, which is no error`()
    async throws
  {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--telnet", "--reply", #"hi\n"#, "127.0.0.1:0", input: .file("/dev/null"))
    try await KeepOpenTests.clients(of: server, Self.lateQuestion)
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text == "yo\n", "\(end)")
  }

  @Test func `with -k no client is said to have failed for it`() async throws {
    let server = KeepOpenTests.start("--telnet", "--reply", #"hi\n"#)
    try await KeepOpenTests.clients(of: server, Self.lateQuestion)
    let end = try await KeepOpenTests.stopped(server)
    #expect(end.text == "yo\n" && !end.errors.contains("Broken pipe"), "\(end)")
  }

  private static let lateQuestion = """
    client = connected(port)
    client.sendall(b"y")
    assert received(client) == b"hi\\n"
    client.sendall(b"\\xff\\xfd\\x01o\\n")
    client.shutdown(socket.SHUT_WR)
    """

  /// The client has disconnected before its option request is read, so the answer cannot be delivered.
  private static let questionOfOneWhoLeft = """
    client = connected(port)
    os.kill(server, signal.SIGSTOP)
    client.sendall(b"\\xff\\xfd\\x01\\xff\\xfd\\x03yo\\n")
    client.close()
    os.kill(server, signal.SIGCONT)
    """

  @Test(arguments: [[], ["--recv-only"]])
  func `a client that asks and leaves has ended in order`(flags: [String]) async throws {
    let server = RunningProgram(.sockkit(["listen", "-v", "-k", "--telnet", "127.0.0.1:0"] + flags))
    try await KeepOpenTests.clients(of: server, Self.questionOfOneWhoLeft)
    try await server.errorLine(containing: "closed ")
    let end = try await KeepOpenTests.stopped(server)
    #expect(end.text == "yo\n" && end.errorLines.count == 3, "\(end)")
  }

  @Test func `the only peer, that asks and leaves while input is awaited, has ended in order`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--telnet", "127.0.0.1:0")
    try await KeepOpenTests.clients(of: server, Self.questionOfOneWhoLeft)
    try await server.errorLine(containing: "closed ")
    let end = try await server.finish()
    #expect(end.ending == .exit(0) && end.text == "yo\n", "\(end)")
  }

  @Test(arguments: [["-k"], []], [true, false])
  func `nothing comes between CR and LF, wherever a piece ends`(flags: [String], isReply: Bool) async throws {
    let directory = try TemporaryDirectory()
    let text = String(repeating: "x", count: (16 << 10) - 1) + "\r\nx\r"
    let file = try directory.write(text, to: "file")
    let reply = isReply ? ["--reply-file", file] : flags.isEmpty ? ["--output-dir", directory.path] : []
    let server = RunningProgram(
      .sockkit(["listen", "-v", "--telnet", "127.0.0.1:0"] + flags + reply),
      input: .file(isReply ? "/dev/null" : file))
    let client = try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())")
    #expect(client == Finished(.exit(0), output: text + "\0"))
    if !flags.isEmpty { server.signal(SIGTERM) }
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `what is counted is the payload`() async throws {
    let server = KeepOpenTests.start("--telnet", "--crlf", "--stats", "--reply", #"a\n\xff"#)
    try await KeepOpenTests.clients(
      of: server,
      """
      client = connected(port)
      client.sendall(b"\\xff\\xfd\\x01\\xff\\xffb\\n")
      client.shutdown(socket.SHUT_WR)
      answer = received(client).replace(b"\\xff\\xfc\\x01", b"")
      assert answer == b"a\\r\\n\\xff\\xff", answer
      """)
    let end = try await KeepOpenTests.stopped(server)
    #expect(end.errors.contains(": sent 3 bytes, received 3 bytes in "), "\(end)")
    #expect(end.errors.contains(": sent 3 bytes in "), "\(end)")
  }

  @Test func `the offset of a file stands after what was sent of it`() async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write(String(repeating: "\n", count: 8 << 20), to: "input")
    let server = RunningProgram(
      .shell(
        "{ sockkit listen -v --crlf --output-dir $1 127.0.0.1:0; cat | wc -c; } < $1/input",
        [directory.file("")]))
    let client = try await python(
      """
      client = connected(arguments[0])
      client.recv(1000, socket.MSG_WAITALL)
      reset(client)
      """, "\(try await server.announcedPort())")
    #expect(client.ending == .exit(0), "\(client)")
    let end = try await server.finished()
    let sent = end.errors.firstMatch(of: /sent ([0-9]+) bytes/).flatMap { Int($0.1) }
    let rest = Int(end.text.filter(\.isNumber))
    #expect(try #require(sent) + #require(rest) == 8 << 20, "\(end)")
  }
}
