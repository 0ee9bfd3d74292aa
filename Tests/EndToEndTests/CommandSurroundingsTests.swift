// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// The environment of a command, and the external events that reach it.
@Suite(.takingTurns)
struct CommandSurroundingsTests {
  private static let ways = ["", "--stats"]

  /// The output of a command that a client receives, with sockkit started by a shell.
  private func output(_ script: String, _ arguments: String...) async throws -> String {
    let directory = try TemporaryDirectory()
    let server = RunningProgram(
      .shell(script, [directory.file("port")] + arguments), input: .file("/dev/null"))
    let client = try await sockkit("connect", "127.0.0.1", "\(directory.waitForPort("port"))")
    #expect(client.ending == .exit(0), "\(client)")
    #expect(try await server.finished().ending == .exit(0))
    return client.text
  }

  @Test(arguments: ways)
  func `a command has three descriptors, whatever was open before`(flag: String) async throws {
    let list = try await output(
      "exec 7< /etc/passwd 9> /dev/null; sockkit listen $2 --port-file $1 0 -- ls /proc/self/fd", flag)
    // The last one is the directory that ls has open.
    #expect(list == "0\n1\n2\n3\n")
  }

  @Test(arguments: ways)
  func `signals are at their defaults, and none is blocked`(flag: String) async throws {
    let status = try await output(
      "trap '' HUP INT USR1 CHLD; sockkit listen $2 --port-file $1 0 --sh-exec 'cat /proc/self/status'", flag)
    for name in ["SigBlk", "SigIgn", "SigCgt"] {
      #expect(status.contains("\(name):\t0000000000000000\n"), "\(status)")
    }
  }

  @Test func `a command is told of its connection, and of no other`() async throws {
    let list = try await output(
      """
      export PROTO=x TCPREMOTEHOST=x UNIXREMOTEPID=1 SOCKKIT_REMOTE_ADDR=x KEPT=yes
      sockkit listen --port-file $1 '*' 0 -- env
      """)
    let lines = list.split(separator: "\n").map(String.init)
    for line in [
      "PROTO=TCP", "TCPREMOTEIP=127.0.0.1", "TCPLOCALIP=127.0.0.1", "SOCKKIT_REMOTE_ADDR=127.0.0.1",
      "SOCKKIT_LOCAL_ADDR=127.0.0.1", "SOCKKIT_PROTO=TCP", "KEPT=yes",
    ] {
      #expect(lines.contains(line), "\(list)")
    }
    for name in ["TCPREMOTEPORT=", "TCPLOCALPORT=", "SOCKKIT_REMOTE_PORT=", "SOCKKIT_LOCAL_PORT="] {
      #expect(lines.count { $0.hasPrefix(name) && $0.count > name.count } == 1, "\(list)")
    }
    #expect(!list.contains("TCPREMOTEHOST") && !list.contains("UNIX"), "\(list)")
  }

  @Test func `a command on a Unix socket is told who connected`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      "listen", "-v", "-U", directory.file("socket"), "--sh-exec",
      "cat > /dev/null; echo $PROTO $UNIXLOCALPATH $UNIXREMOTEEUID $SOCKKIT_REMOTE_PORT")
    try await server.errorLine(containing: "listening")
    let client = try await sockkit("connect", "-U", directory.file("socket"))
    #expect(client == Finished(.exit(0), output: "UNIX \(directory.file("socket")) \(getuid())\n"))
    #expect(try await server.finished().ending == .exit(0))
    #expect(!directory.has("socket"))
  }

  @Test func `a Unix client that sends and leaves is served all the same`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      "listen", "-v", "-U", directory.file("socket"), "--sh-exec",
      "read go < $0/fifo; wc -c > $0/count".replacing("$0", with: directory.path))
    #expect(try await shell("mkfifo $1", directory.file("fifo")) == Finished(.exit(0)))
    try await server.errorLine(containing: "listening")
    let client = try await shell(
      "head -c 100000 /dev/zero | sockkit connect --send-only -U $1; echo go > $2", directory.file("socket"),
      directory.file("fifo"))
    #expect(client == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
    #expect(try directory.read("count") == Array("100000\n".utf8))
  }

  @Test func `standard input is left to whoever reads it next`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram(
      .shell(
        "{ sockkit listen --port-file $1 0 -- cat; cat; } <<end\nmine\nend\n", [directory.file("port")]),
      input: .file("/dev/null"))
    let client = try await sockkit(
      "connect", "127.0.0.1", "\(directory.waitForPort("port"))", input: .bytes([65]))
    #expect(client == Finished(.exit(0), output: "A"))
    #expect(try await server.finished() == Finished(.exit(0), output: "mine\n"))
  }

  @Test(arguments: ["<&- >&-", "<&- >&- 2>&-"])
  func `closed standard descriptors do no harm`(closed: String) async throws {
    #expect(
      try await output("sockkit listen --port-file $1 0 -- ls /proc/self/fd \(closed)") == "0\n1\n2\n3\n")
  }

  @Test func `without an address nobody else reaches a command`() async throws {
    for (place, address) in [(["0"], "127.0.0.1"), (["-6", "0"], "[::1]"), (["*", "0"], "[::]")] {
      let end = try await sockkit(["listen", "-v", "-w", "0.1"] + place + ["--", "true"]).generalized
      #expect(end.errorLines.first == "sockkit: listening on \(address):PORT (tcp)", "\(end)")
    }
  }

  // MARK: Ends

  @Test(arguments: ways)
  func `a client that vanishes ends its command and all that it started`(flag: String) async throws {
    let server = RunningProgram(
      .shell("exec sockkit listen -v $1 0 --sh-exec 'sleep 60 & echo $!; sleep 60'", [flag]))
    let result = try await python(
      """
      connection = connected(arguments[0])
      process = int(connection.makefile().readline())
      watch = os.pidfd_open(process)
      reset(connection)
      assert select.select([watch], [], [], 15)[0]
      """, "\(try await server.announcedPort())")
    #expect(result == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(129), "\(end)")
    #expect(end.errors.contains("Connection reset by peer"), "\(end)")
  }

  @Test(arguments: ways)
  func `a command that does not heed the hang-up is killed`(flag: String) async throws {
    let server = RunningProgram(
      .shell(
        "exec sockkit listen -v --grace 200ms $1 0 --sh-exec 'trap \"\" HUP; echo x; sleep 60'", [flag]))
    let result = try await python(
      "connection = connected(arguments[0]); connection.recv(1); reset(connection)",
      "\(try await server.announcedPort())")
    #expect(result == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(137), "\(end)")
  }

  @Test(arguments: ways, ["wc -c >&2", "cat"])
  func `a command does not take a reset for the end of what the client sends`(flag: String, command: String)
    async throws
  {
    let server = RunningProgram(
      .shell("exec sockkit listen -v $1 0 --sh-exec \"$2; echo end \\$? >&2\"", [flag, command]))
    let result = try await python(
      """
      connection = connected(arguments[0])
      connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
      connection.sendall(bytes(100000))
      reset(connection)
      """, "\(try await server.announcedPort())")
    #expect(result == Finished(.exit(0)))
    let end = try await server.finished()
    // A command that has the connection itself may read the error, and continue, before it receives the hang-up.
    #expect(end.ending == .exit(129) || flag.isEmpty, "\(end)")
    #expect(!end.errorLines.contains("end 0"), "\(end)")
  }

  @Test(arguments: ways)
  func `a command that does not heed the hang-up reads the error, or has it told`(flag: String) async throws {
    let server = RunningProgram(
      .shell("exec sockkit listen -v $1 0 --sh-exec 'trap \"\" HUP; echo x; exec cat > /dev/null'", [flag]))
    let result = try await python(
      "connection = connected(arguments[0]); connection.recv(1); connection.sendall(b'half'); reset(connection)",
      "\(try await server.announcedPort())")
    #expect(result == Finished(.exit(0)))
    let end = try await server.finished()
    // cat exits with status 1 for a read error; if it reads end-of-stream, sockkit's own status counts.
    #expect(end.ending == .exit(flag.isEmpty ? 1 : 74), "\(end)")
    #expect(end.errors.contains("Connection reset by peer"), "\(end)")
  }

  @Test(arguments: ways)
  func `a reply that a client has left unread is status 74, and nobody waits for him`(flag: String)
    async throws
  {
    let directory = try TemporaryDirectory()
    let server = RunningProgram(
      .shell(
        """
        mkfifo "$2" && GONE=$2 exec sockkit listen -v $1 0 --sh-exec '
          trap "" HUP; read go; read gone < "$GONE"; echo lost; read go; exit 0'
        """, [flag, directory.file("gone")]))
    let result = try await python(
      """
      connection = connected(arguments[0])
      connection.sendall(b'go\\n')
      connection.close()
      # A client that were still there would have had the reply confirmed, whether it is read or not.
      with open(arguments[1], "w") as gone:
          print(file=gone)
      """,
      "\(try await server.announcedPort())", directory.file("gone"))
    #expect(result == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(74), "\(end)")
    // The reason depends on whether the command has read the error.
    let reason = end.errorLines.last ?? ""
    #expect(reason.hasSuffix(": Broken pipe") || reason.hasSuffix(": Connection reset by peer"), "\(end)")
  }

  @Test(arguments: ["", "--stats"])
  func `SIGHUP is for lists alone, also once there is a connection`(flag: String) async throws {
    let directory = try TemporaryDirectory()
    let allowed = try directory.write("127.0.0.1\n", to: "allowed")
    let server = RunningProgram(
      .shell("trap '' HUP; exec sockkit listen -v $1 --allow-file $2 127.0.0.1:0 -- cat", [flag, allowed]))
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await server.announcedPort())")
    client.send("a")
    try await client.output(ofAtLeast: 1)
    server.signal(SIGHUP)
    client.send("b")
    #expect(try await client.finish() == Finished(.exit(0), output: "ab"))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test(arguments: ways, [SIGINT, SIGTERM])
  func `a signal is passed on, and then ends the program too`(flag: String, signal: Int32) async throws {
    let server = RunningProgram(
      .shell(
        "exec sockkit listen -v $1 0 --sh-exec 'trap \"echo caught; exit\" INT TERM; echo x; sleep 9 2> /dev/null & wait'",
        [flag]))
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await server.announcedPort())")
    try await client.output(ofAtLeast: 1)
    server.signal(signal)
    let end = try await server.finished()
    #expect(end.ending == .signal(signal), "\(end)")
    if flag.isEmpty { #expect(try await client.finish().text == "x\ncaught\n") }
  }

  @Test func `--trace tells of the process`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--trace", "0", "--", "sh", "-c", "exit 3")
    _ = try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())")
    let end = try await server.finished()
    #expect(end.ending == .exit(3))
    #expect(end.errors.contains("posix_spawnp([\"sh\", \"-c\", \"exit 3\"]) = "), "\(end)")
    #expect(end.errors.contains("pidfd_open("), "\(end)")
    #expect(end.errors.contains(", WEXITED|WNOHANG) = 0 {status 3}"), "\(end)")
  }
}
