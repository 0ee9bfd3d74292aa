// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// A command that has the connection itself, and one whose bytes pass through the relay: they differ in speed only.
@Suite(.takingTurns)
struct CommandTests {
  private static let ways: [[String]] = [[], ["--stats"]]

  private func listen(_ flags: [String], _ command: [String]) -> RunningProgram {
    RunningProgram(.sockkit(["listen", "-v", "--grace", "10s"] + flags + ["0"] + command))
  }

  @Test(arguments: ways)
  func `64 MiB pass through a command unchanged`(flags: [String]) async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 64, to: "sent")
    let server = listen(flags, ["--", "cat"])
    let client = try await sockkit(
      "connect", "127.0.0.1", "\(server.announcedPort())", input: .file(file),
      output: .file(directory.file("received")))
    #expect(client.ending == .exit(0), "\(client)")
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.output.isEmpty, "\(end)")
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: ways)
  func `a client that half-closes first gets the whole reply`(flags: [String]) async throws {
    let server = listen(flags, ["--sh-exec", "cat > /dev/null; head -c 3000000 /dev/zero"])
    let client = try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())", input: .bytes([1]))
    #expect(client.ending == .exit(0) && client.output.count == 3_000_000, "\(client)")
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ways)
  func `a command that reads nothing does not cut its reply off`(flags: [String]) async throws {
    let server = listen(flags, ["--", "echo", "bye"])
    let result = try await python(
      """
      connection = connected(arguments[0])
      connection.sendall(bytes(10 << 20))
      connection.shutdown(socket.SHUT_WR)
      say(received(connection))
      """, "\(try await server.announcedPort())")
    #expect(result == Finished(.exit(0), output: "b'bye\\n'\n"))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ways)
  func `a client that never closes does not keep the end away`(flags: [String]) async throws {
    let server = listen(flags, ["--", "echo", "bye"])
    let client = RunningProgram.sockkit(
      "connect", "--no-shutdown", "127.0.0.1:\(try await server.announcedPort())")
    await client.outputEnd()
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(try await client.finish().text == "bye\n")
  }

  @Test(arguments: ways)
  func `a command that closes its output early still reads to the end`(flags: [String]) async throws {
    let server = listen(flags, ["--sh-exec", "exec >&-; test $(wc -c) = 3000000 || exit 1; exit 5"])
    let client = try await shell(
      "head -c 3000000 /dev/zero | sockkit connect 127.0.0.1 $1", "\(server.announcedPort())")
    #expect(client == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(5))
  }

  @Test(arguments: ways)
  func `the end of the command ends the connection, whoever else holds it`(flags: [String]) async throws {
    let server = listen(flags, ["--sh-exec", "sleep 60 2> /dev/null & echo $!; exit 4"])
    let client = try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())")
    #expect(client.ending == .exit(0), "\(client)")
    #expect(try await server.finished().ending == .exit(4))
    #expect(try await shell("kill $1", client.text.trimmed) == Finished(.exit(0)))
  }

  // MARK: Status

  @Test(arguments: [
    (["--sh-exec", "exit 7"], 7, "status 7"), (["--sh-exec", "kill -9 $$"], 137, "signal 9"),
    (["--", "true"], 0, "status 0"), (["--", "sh", "-c", "exit $1", "sh", "3"], 3, "status 3"),
  ])
  func `the status of the command is passed on`(command: [String], status: Int32, ending: String)
    async throws
  {
    for flags in Self.ways {
      let server = listen(flags, command)
      _ = try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())")
      let end = try await server.finished()
      #expect(end.ending == .exit(status), "\(end)")
      #expect(end.errors.contains(" ended with \(ending) in "), "\(end)")
    }
  }

  @Test(arguments: [
    ("nosuchcommand", 127, "No such file or directory"),
    ("/nosuch/command", 127, "No such file or directory"),
    ("/etc/passwd/command", 127, "Not a directory"), ("./nosuchcommand", 127, "No such file or directory"),
    ("/etc/passwd", 126, "Permission denied"), ("/", 126, "Permission denied"),
  ])
  func
    `a command that cannot be started is refused before anything else is done, with the status that shells give it`(
      name: String, status: Int32, reason: String
    ) async throws
  {
    for flags in Self.ways + [["-k"], ["-k", "--stats"]] {
      let end = try await sockkit(["listen", "-v"] + flags + ["0", "--", name])
      #expect(end == Finished(.exit(status), errors: "sockkit: run \(name): \(reason)\n"))
    }
    let client = try await sockkit("connect", "-v", "127.0.0.1:9", "--", name)
    #expect(client == Finished(.exit(status), errors: "sockkit: run \(name): \(reason)\n"))
  }

  @Test func `a command is looked for as by a shell`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await shell(
      """
      sockkit=$(command -v sockkit) && cd "$1" && mkdir locked open directory && mkdir directory/found || exit 1
      printf '#!/bin/sh\nexit 9\n' > open/found && chmod +x open/found && cp open/found locked && chmod -x locked/found
      cp open/found found
      # What is found leads to a connection, which is refused.
      for words in PATH=/nosuch:locked:directory:open,found PATH=/nosuch:locked,found PATH=directory,found \
        PATH=/nosuch,found PATH=/nosuch:,found PATH=/nosuch,open/found -uPATH,true PATH=/nosuch,true
      do
        env ${words%,*} "$sockkit" connect 127.0.0.1:9 -- ${words#*,} 2>> log
        echo $?
      done
      grep run log
      """, directory.path)
    #expect(
      result
        == Finished(
          .exit(0),
          output: """
            69
            126
            126
            127
            69
            69
            69
            127
            sockkit: run found: Permission denied
            sockkit: run found: Permission denied
            sockkit: run found: No such file or directory
            sockkit: run true: No such file or directory

            """))
  }

  @Test func `connect runs commands too`() async throws {
    let peer = try RunningProgram.python(
      "connection = accepted(); connection.sendall(b'b\\na\\n'); connection.shutdown(1); say(received(connection))"
    )
    let port = try await peer.printedPort()
    let client = try await sockkit(
      "connect", "127.0.0.1", "\(port)", "--", "sh", "-c", "sort; echo $TCPREMOTEPORT; exit 6",
      input: .bytes([9]))
    #expect(client == Finished(.exit(6)))
    #expect(try await peer.finished().text.hasSuffix("b'a\\nb\\n\(port)\\n'\n"))
  }

  @Test(arguments: [
    (["listen", "0", "--"], "no command after '--'"),
    (["connect", "x:1", "--", ""], "no command after '--'"),
    (["listen", "--sh-exec", "a", "0", "--", "b"], "--sh-exec and a command after '--' exclude each other"),
    (
      ["listen", "--sh-exec", "", "0"],
      "invalid value '' for --sh-exec: expected a text that is not empty"
    ),
    (["connect", "--grace", "1s", "x:1"], "--grace requires a command"),
    (["listen", "--", "true"], "no port given: expected PORT, HOST PORT or HOST:PORT"),
  ])
  func `there is one command or none`(words: [String], message: String) async throws {
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }

  // MARK: Options of the relay

  @Test(arguments: [
    // The flags, the command, and what a client receives that sends a line and half-closes, or does not half-close.
    (["--send-only"], "cat; echo done", "done\n", true), (["--send-only"], "cat; echo done", "done\n", false),
    (["--recv-only"], "read line; echo lost", "", true), (["--recv-only"], "echo lost", "", false),
    (["--no-shutdown"], "cat; echo done", "line\ndone\n", true),
    (["--no-shutdown"], "echo done", "done\n", false), (["-q", "5s"], "echo done", "done\n", false),
    (["--quit-on-eof"], "echo done; cat > /dev/null", "done\n", true),
    (["-N"], "cat; echo done", "line\ndone\n", true),
    (["--progress", "--stats", "--json"], "cat; echo done", "line\ndone\n", true),
    (["-i", "10s", "--timeout", "20s"], "cat; echo done", "line\ndone\n", true),
  ])
  func `options for the ends of streams are heeded`(
    flags: [String], line: String, answer: String, halfCloses: Bool
  ) async throws {
    let server = listen(flags, ["--sh-exec", line])
    let client = RunningProgram(
      .sockkit(
        ["connect", "127.0.0.1:\(try await server.announcedPort())"] + (halfCloses ? [] : ["--no-shutdown"])))
    if line.hasPrefix("echo done; cat") { try await client.output(ofAtLeast: answer.utf8.count) }
    client.send("line\n")
    if halfCloses { client.closeInput() }
    await client.outputEnd()
    #expect(try await client.finish().text == answer)
    let end = try await server.finished()
    // The command's output is not read once this has ended the relay, so SIGPIPE ends the command.
    let isCutOff = flags == ["--quit-on-eof"]
    #expect(end.ending == .exit(0) || isCutOff && end.ending == .exit(141), "\(end)")
  }

  @Test func `--recv-only discards what a command writes, however much`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 8, to: "file")
    let server = listen(["--recv-only"], ["--", "tee", directory.file("copy")])
    let client = try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())", input: .file(file))
    #expect(client == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    let digests = try await directory.digests("file", "copy")
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: ways)
  func `connect ends a command that does not heed a signal after --grace`(flags: [String]) async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.recv(1)
      say("begun")
      try:
          received(connection)
          assert False, "it was not to be taken for an end"
      except ConnectionResetError:
          pass
      """)
    let client = RunningProgram(
      .sockkit(
        ["connect", "--grace", "200ms", "127.0.0.1:\(try await peer.printedPort())"] + flags
          + ["--sh-exec", "trap '' TERM; echo x; sleep 60"]))
    try await peer.outputLine(containing: "begun")
    client.signal(SIGTERM)
    #expect(try await client.finished().ending == .signal(SIGTERM))
    #expect(try await peer.finished().ending == .exit(0))
  }

  @Test func `a record that cannot be written is told of, whatever the command ends with`() async throws {
    let server = listen(["--record-received", "/dev/full"], ["--sh-exec", "cat; exit 3"])
    _ = try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())", input: .bytes([1]))
    let end = try await server.finished()
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errorLines.last == "sockkit: write /dev/full: No space left on device", "\(end)")
  }

  // MARK: Time limits

  @Test(arguments: ways)
  func `a command that takes too long is ended, with status 75`(flags: [String]) async throws {
    let server = listen(flags + ["--timeout", "6s"], ["--", "sleep", "60"])
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await server.announcedPort())")
    let end = try await server.finished()
    #expect(end.ending == .exit(75), "\(end)")
    #expect(end.errorLines.last?.hasSuffix("not finished within the time allowed (--timeout)") == true)
    _ = try await client.finish()
  }

  @Test(arguments: ways)
  func `--timeout is for the way of the reply too`(flags: [String]) async throws {
    let server = listen(flags + ["--timeout", "6s"], ["--", "head", "-c", "400000", "/dev/zero"])
    let client = try RunningProgram.python(
      """
      client = socket.socket()
      client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
      client.connect(("127.0.0.1", int(arguments[0])))
      sys.stdin.read()
      """, "\(try await server.announcedPort())")
    let end = try await server.finished()
    #expect(end.ending == .exit(75), "\(end)")
    #expect(end.errorLines.last?.hasSuffix("not finished within the time allowed (--timeout)") == true)
    #expect(try await client.finish().ending == .exit(0))
  }

  @Test func `a connection without a byte in either direction is ended, with status 75`() async throws {
    let server = listen(["-i", "300ms"], ["--", "sleep", "60"])
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await server.announcedPort())")
    let end = try await server.finished()
    #expect(end.ending == .exit(75), "\(end)")
    #expect(end.errors.contains(" ended with signal 1 in "), "\(end)")
    _ = try await client.finish()
  }

  @Test func `how a command ended is known even if a signal for it comes too late`() async throws {
    let server = listen(["--trace"], ["--", "sleep", "60"])
    let identifier = try await server.processIdentifier()
    let client = try RunningProgram.python(
      """
      def child(process):
          [only] = open(f"/proc/{process}/task/{process}/children").read().split()
          return int(only)
      connection = connected(arguments[0])
      told("started")
      starter = child(arguments[1])
      os.kill(starter, signal.SIGSTOP)
      os.kill(child(starter), signal.SIGTERM)
      reset(connection)
      told("signalled")
      os.kill(starter, signal.SIGCONT)
      """, "\(try await server.announcedPort())", "\(identifier)")
    // The process that starts commands answers twice: that it has no privileges, and that the command runs.
    _ = try await server.errorLine(containing: "] send(", number: 2)
    client.send("started\n")
    // SIGHUP and SIGCONT for the command.
    _ = try await server.errorLine(containing: "[\(identifier)] send(", number: 2)
    client.send("signalled\n")
    client.closeInput()
    #expect(try await client.finish().ending == .exit(0))
    let end = try await server.finished()
    #expect(end.errors.contains(" ended with signal 15 in "), "\(end)")
  }
}

extension String {
  fileprivate var trimmed: String { String(prefix { $0 != "\n" }) }
}
