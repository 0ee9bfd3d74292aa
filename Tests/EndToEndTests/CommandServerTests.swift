// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// `listen -k` with a command: in one event loop, or with a process for each session where the bytes are filtered or
/// counted.
@Suite(.takingTurns)
struct CommandServerTests {
  private static let ways: [[String]] = [[], ["--stats"]]

  private func serve(_ flags: [String], _ command: [String], limit: Double = 60) -> RunningProgram {
    RunningProgram(
      .sockkit(["listen", "-k", "-v", "--grace", "10s"] + flags + ["0"] + command), input: .file("/dev/null"),
      limit: limit)
  }

  /// Runs a Python script with the server's port and process ID; fails unless it succeeds.
  private func clients(
    of server: RunningProgram, _ script: String, at location: SourceLocation = #_sourceLocation
  ) async throws {
    let program = try Program.python(
      script, ["\(try await server.announcedPort())", "\(try await server.processIdentifier())"])
    let finished = try await RunningProgram(program, input: .file("/dev/null"), limit: 50).finished()
    #expect(finished.ending == .exit(0), "\(finished)", sourceLocation: location)
  }

  private func stop(_ server: RunningProgram, at location: SourceLocation = #_sourceLocation) async throws {
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)", sourceLocation: location)
  }

  @Test func `2,000 short commands leave neither a zombie nor a descriptor`() async throws {
    let server = serve(["--deny", "127.0.0.2"], ["--", "echo", "well"])
    try await clients(
      of: server,
      """
      def ask():
          connection = connected(arguments[0])
          connection.shutdown(socket.SHUT_WR)
          answer = received(connection)
          assert answer == b"well\\n", answer
      def state():
          process = "/proc/" + arguments[1]
          return len(os.listdir(process + "/fd")), open(process + "/task/" + arguments[1] + "/children").read()
      turned_away(arguments[0])
      before = state()
      threads = [threading.Thread(target=lambda: [ask() for _ in range(250)]) for _ in range(8)]
      [thread.start() for thread in threads]
      [thread.join() for thread in threads]
      end = time.monotonic() + 15
      while state() != before:
          assert time.monotonic() < end, (state(), before)
          turned_away(arguments[0])
      """)
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errorLines.count { $0.contains(" ended with status 0 in ") } == 2000)
  }

  @Test(arguments: ways)
  func `clients are served at the same time, each by a process of its own`(flags: [String]) async throws {
    let server = serve(flags, ["--sh-exec", "while read line; do echo $$ $line; done; echo bye"])
    try await clients(
      of: server,
      """
      clients = [connected(arguments[0]) for _ in range(20)]
      processes = set()
      for number in range(3):
          for client in clients:
              client.sendall(b"%d\\n" % number)
      for client in clients:
          client.shutdown(socket.SHUT_WR)
          lines = received(client).split(b"\\n")
          assert [line.split()[1] for line in lines[:3]] == [b"0", b"1", b"2"], lines
          assert lines[3:] == [b"bye", b""], lines
          processes.add(lines[0].split()[0])
      assert len(processes) == 20
      """)
    try await stop(server)
  }

  @Test(arguments: ways)
  func `no more than -m are served at a time, and the rest waits`(flags: [String]) async throws {
    let server = serve(flags + ["-m", "2"], ["--sh-exec", "echo begun; cat"])
    try await clients(
      of: server,
      """
      clients = [connected(arguments[0]) for _ in range(3)]
      for client in clients[:2]:
          assert client.recv(9) == b"begun\\n"
      assert not select.select([clients[2]], [], [], 0.3)[0]
      clients[0].close()
      assert clients[2].recv(9) == b"begun\\n"
      """)
    try await stop(server)
  }

  @Test(arguments: ways)
  func `a command that cannot be started is told of, and the server goes on`(flags: [String]) async throws {
    let directory = try TemporaryDirectory()
    let command = try directory.write("#!/bin/sh\n", to: "command")
    #expect(try await shell("chmod +x \"$1\"", command) == Finished(.exit(0)))
    let server = serve(flags, ["--", command])
    _ = try await server.announcedPort()
    #expect(try await shell("rm \"$1\"", command) == Finished(.exit(0)))
    try await clients(
      of: server,
      """
      for _ in range(2):
          try:
              received(connected(arguments[0]))
              assert False, "it was not to be taken for an end"
          except ConnectionResetError:
              pass
      """)
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(
      end.errorLines.count { $0.contains("run \(command): No such file or directory") } == 2, "\(end)")
  }

  @Test(arguments: ways)
  func `a client that vanishes ends its command, and no other`(flags: [String]) async throws {
    let server = serve(flags, ["--sh-exec", "echo $$; exec sleep 60"])
    try await clients(
      of: server,
      """
      clients = [connected(arguments[0]) for _ in range(2)]
      processes = [os.pidfd_open(int(client.makefile().readline())) for client in clients]
      reset(clients[0])
      assert select.select(processes, [], [], 15)[0] == processes[:1]
      reset(clients[1])
      assert select.select(processes[1:], [], [], 15)[0]
      """)
    try await stop(server)
  }

  @Test(arguments: ways)
  func `a client that leaves without its reply takes nobody's place`(flags: [String]) async throws {
    let server = serve(
      flags + ["-m", "1"], ["--sh-exec", "trap '' HUP; read go; echo well; read go; exit 0"])
    try await clients(
      of: server,
      """
      connection = connected(arguments[0])
      connection.sendall(b"go\\n")
      connection.close()
      next = connected(arguments[0])
      next.sendall(b"go\\n")
      next.settimeout(15)
      assert next.recv(5) == b"well\\n"
      """)
    try await stop(server)
  }

  @Test func `more connections than there can be processes are as many as there can be`() async throws {
    let server = serve(["-m", "\(Int.max)"], ["--", "echo", "well"])
    try await clients(of: server, "assert received(connected(arguments[0])) == b'well\\n'")
    try await stop(server)
  }

  @Test(arguments: ways)
  func `a server that is to stop lets its commands finish`(flags: [String]) async throws {
    let server = serve(flags, ["--sh-exec", "echo begun; cat"])
    try await clients(
      of: server,
      """
      client = connected(arguments[0])
      assert client.recv(9) == b"begun\\n"
      os.kill(int(arguments[1]), signal.SIGTERM)
      end = time.monotonic() + 10
      while time.monotonic() < end:
          try:
              connected(arguments[0]).close()
          except (ConnectionRefusedError, ConnectionResetError):
              break
      else:
          raise AssertionError("still accepting")
      client.sendall(b"still here")
      client.shutdown(socket.SHUT_WR)
      assert received(client) == b"still here"
      """)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ways)
  func `commands that do not finish are hung up, and killed`(flags: [String]) async throws {
    for (trap, grace, signals) in [
      ("-", "200ms", ["TERM"]), ("''", "200ms", ["TERM"]), ("''", "1h", ["INT", "TERM"]),
    ] {
      let server = serve(flags + ["--grace", grace], ["--sh-exec", "trap \(trap) HUP; echo $$; sleep 60"])
      try await clients(
        of: server,
        """
        client = connected(arguments[0])
        process = os.pidfd_open(int(client.makefile().readline()))
        for name in \(signals):
            os.kill(int(arguments[1]), getattr(signal, "SIG" + name))
        assert select.select([process], [], [], 15)[0]
        """)
      let end = try await server.finished()
      #expect(end.ending == .exit(0), "\(end)")
    }
  }

  @Test func `a shortage of descriptors is waited out`() async throws {
    let server = RunningProgram(
      .shell("ulimit -n 14; exec sockkit listen -k -v -m 64 0 -- cat"), input: .file("/dev/null"))
    try await clients(
      of: server,
      """
      clients = [connected(arguments[0]) for _ in range(12)]
      for client in clients:
          client.sendall(b"x")
      for client in clients:
          client.shutdown(socket.SHUT_WR)
          assert received(client) == b"x"
      """)
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errors.contains("Too many open files"), "\(end)")
  }

  @Test(arguments: ways)
  func `each command has its own time`(flags: [String]) async throws {
    let server = serve(flags + ["--timeout", "300ms"], ["--", "sleep", "60"])
    try await clients(
      of: server,
      """
      for _ in range(2):
          try:
              received(connected(arguments[0]))
              assert False, "it was not to be taken for an end"
          except ConnectionResetError:
              pass
      """)
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errorLines.count { $0.contains(" ended with signal 1 in ") } == 2, "\(end)")
  }

  @Test(arguments: ways)
  func `whoever is not admitted is refused, and gets no command`(flags: [String]) async throws {
    let server = serve(flags + ["--deny", "127.0.0.1"], ["--", "echo", "well"])
    try await clients(of: server, "assert received(connected(arguments[0])) == b''")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && !end.errors.contains("ended"), "\(end)")
  }

  @Test func `events are records in JSON`() async throws {
    let server = serve(["--log-format", "json"], ["--sh-exec", "kill -9 $$"])
    let line = try await server.errorLine(containing: "\"listening\"")
    let port = try #require(line.firstMatch(of: /"port":([0-9]+)/)?.1)
    _ = try await sockkit("connect", "127.0.0.1", String(port))
    let record = try await server.errorLine(containing: "\"commandEnded\"")
    #expect(record.contains("\"signal\":9"), "\(record)")
    try await stop(server)
  }

  @Test func `--hex-dump is one file, and says whose bytes they are`() async throws {
    let directory = try TemporaryDirectory()
    let server = serve(["-x", directory.file("dump")], ["--", "cat"])
    try await clients(
      of: server,
      """
      for text in [b"first", b"second"]:
          client = connected(arguments[0])
          client.sendall(text)
          client.shutdown(socket.SHUT_WR)
          assert received(client) == text
      """)
    try await stop(server)
    let lines = String(decoding: try directory.read("dump"), as: UTF8.self).split(separator: "\n")
    let peers = lines.map { $0.prefix { $0 != " " } }
    #expect(lines.count == 4 && Set(peers).count == 2 && peers.allSatisfy { $0.hasPrefix("[127.0.0.1:") })
    #expect(lines.count { $0.hasSuffix("|first|") } == 2, "\(lines)")
  }

  @Test func `filters and limits of one relay are those of each client`() async throws {
    let server = serve(
      ["--crlf", "--telnet", "--rate", "1M", "-x", "-"], ["--sh-exec", "cat > /dev/null; echo hi"])
    try await clients(
      of: server,
      """
      for _ in range(3):
          client = connected(arguments[0])
          client.sendall(b"\\xff\\xfb\\x01")
          client.shutdown(socket.SHUT_WR)
          answer = received(client)
          assert answer == b"\\xff\\xfe\\x01hi\\r\\n", answer
      """)
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.errors.contains("68 69 0d 0a"), "\(end)")
  }

  @Test(arguments: ways)
  func `the largest -m is no more than a large one`(flags: [String]) async throws {
    let server = serve(flags + ["-m", "\(Int.max)"], ["--", "echo", "well"])
    try await clients(of: server, "assert received(connected(arguments[0])) == b'well\\n'")
    try await stop(server)
  }

  @Test(arguments: [([], ": sent 5 bytes in "), (["--json"], #""remote":{"address":"127.0.0.1","port":"#)])
  func `statistics say whose they are`(flags: [String], part: String) async throws {
    let server = serve(["--stats"] + flags, ["--", "echo", "well"])
    try await clients(of: server, "received(connected(arguments[0]))")
    server.signal(SIGTERM)
    let end = try await server.finished()
    let lines = end.errorLines.filter { $0.contains("127.0.0.1") && $0.contains(part) }
    #expect(lines.contains { flags.isEmpty || $0.contains("roundTrip") }, "\(end)")
  }

  @Test func `a dump that cannot be written is told of, and the server goes on`() async throws {
    let server = serve(["--hex-dump", "/dev/full"], ["--sh-exec", "echo well; cat"])
    try await clients(
      of: server,
      """
      for _ in range(2):
          try:
              received(connected(arguments[0]))
              assert False, "it was not to be taken for an end"
          except ConnectionResetError:
              pass
      """)
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(
      end.errorLines.count { $0 == "sockkit: write /dev/full: No space left on device" } == 2, "\(end)")
  }

  @Test(arguments: [
    (
      ["-k", "-w", "1", "0", "--", "true"],
      "-w has no effect with -k and a command: it waits for clients until it is stopped"
    ),
    (
      ["-k", "--record", "x", "0", "--", "true"],
      "--record would mix the bytes of many clients (for a file per client, use '--output-dir DIR'; to name "
        + "the client, '--hex-dump FILE')"
    ),
    (
      ["-k", "--label", "0", "--", "true"],
      "--label applies to standard input and output, which a command replaces"
    ),
    (
      ["--chat", "0", "--", "true"],
      "--chat applies to standard input and output, which a command replaces"
    ),
  ])
  func `what makes no sense is refused`(words: [String], message: String) async throws {
    #expect(try await sockkit(["listen"] + words) == .usage(message, of: "listen"))
  }
}
