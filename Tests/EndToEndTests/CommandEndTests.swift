// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// The end of a connection that a command has: in order when the command exits by itself, and with a reset otherwise.
@Suite(.takingTurns)
struct CommandEndTests {
  private static let ways: [[String]] = [[], ["--stats"], ["-k"], ["-k", "--stats"]]

  private func listen(_ flags: [String], _ command: [String]) -> RunningProgram {
    RunningProgram(
      .sockkit(["listen", "-v", "--grace", "100ms"] + flags + ["0"] + command), input: .file("/dev/null"))
  }

  /// The end as a client sees it: the number of bytes and `end` or `reset`.
  private static let client = """
    def end(connection):
        count = 0
        try:
            while part := connection.recv(1 << 16):
                count += len(part)
            return count, "end"
        except ConnectionResetError:
            return count, "reset"


    """

  @Test(
    arguments: ways, [("exit 0", "end"), ("exit 3", "end"), ("kill -9 $$", "reset"), ("kill $$", "reset")])
  func `what a command wrote arrives, and then the end tells how it ended`(
    flags: [String], line: (ending: String, seen: String)
  ) async throws {
    let server = listen(flags, ["--sh-exec", "head -c 3000000 /dev/zero; \(line.ending)"])
    let result = try await python(
      Self.client + "say(*end(connected(arguments[0])))", "\(try await server.announcedPort())")
    #expect(result == Finished(.exit(0), output: "3000000 \(line.seen)\n"))
    server.signal(SIGTERM)
    _ = try await server.finished()
  }

  @Test(arguments: ways, ["TERM", "--timeout", "-i"])
  func `a command that is made to end does not end the connection in order`(
    flags: [String], reason: String
  ) async throws {
    let limit = reason == "TERM" ? [] : [reason, "2s"]
    let server = listen(
      flags + limit, ["--sh-exec", "trap 'exit 0' HUP TERM; echo begun; while :; do sleep 0.1; done"])
    let result = try await python(
      Self.client + """
        connection = connected(arguments[0])
        assert connection.recv(6) == b"begun\\n"
        if arguments[2] == "TERM":
            os.kill(int(arguments[1]), signal.SIGTERM)
        say(*end(connection))
        """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())", reason)
    #expect(result == Finished(.exit(0), output: "0 reset\n"))
    server.signal(SIGTERM)
    _ = try await server.finished()
  }

  @Test(arguments: ways)
  func `a command that vanishes before a client comes resets it`(flags: [String]) async throws {
    let directory = try TemporaryDirectory()
    let command = try directory.write("#!/bin/sh\n", to: "command")
    #expect(try await shell("chmod +x \"$1\"", command) == Finished(.exit(0)))
    let server = listen(flags, ["--", command])
    let port = try await server.announcedPort()
    #expect(try await shell("rm \"$1\"", command) == Finished(.exit(0)))
    let client = try await sockkit("connect", "127.0.0.1", "\(port)")
    #expect(client.ending == .exit(74), "\(client)")
    if flags.contains("-k") { server.signal(SIGTERM) }
    let end = try await server.finished()
    #expect(end.ending == .exit(flags.contains("-k") ? 0 : 127), "\(end)")
    #expect(end.errors.contains("sockkit: run \(command): No such file or directory"), "\(end)")
  }

  @Test func `two requests to stop at once leave nothing to turn for`() async throws {
    let directory = try TemporaryDirectory()
    // The command survives its signal, as one of another user would.
    let strace = [
      "-f", "-qq", "-o", directory.file("trace"), "-e", "trace=epoll_wait,kill", "-e", "inject=kill:retval=0",
    ]
    let words = strace + ["sockkit", "listen", "-k", "-v", "0", "--sh-exec", "echo begun; exec sleep 4"]
    let server = RunningProgram(try .other("strace", package: "strace", words), input: .file("/dev/null"))
    let result = try await python(
      """
      strace = arguments[1]
      (server,) = map(int, open(f"/proc/{strace}/task/{strace}/children").read().split())
      client = connected(arguments[0])
      assert client.recv(6) == b"begun\\n"
      os.kill(server, signal.SIGSTOP)
      waiting = connected(arguments[0])
      os.kill(server, signal.SIGINT)
      os.kill(server, signal.SIGTERM)
      os.kill(server, signal.SIGCONT)
      """, "\(try await server.announcedPort())", "\(try await server.processIdentifier())")
    #expect(result.ending == .exit(0), "\(result)")
    #expect(try await server.finished().ending == .exit(0))
    let lines = String(decoding: try directory.read("trace"), as: UTF8.self).split(separator: "\n")
    #expect(lines.contains { $0.contains("kill(") }, "\(lines)")
    #expect(lines.count < 50, "\(lines.count) calls")
  }
}
