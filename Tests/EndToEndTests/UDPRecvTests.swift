// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@Suite(.takingTurns)
struct UDPRecvTests {
  @Test func `datagrams are printed one a line until -c of them came`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "-c", "3", "127.0.0.1", "0")
    let port = try await receiver.announcedPort()
    let sent = try await sockkit("udp-send", "127.0.0.1", "\(port)", "one", "\u{1B}[2J\n\n", "")
    #expect(sent == Finished(.exit(0)))
    #expect(
      try await receiver.finished().generalized
        == Finished(
          .exit(0), output: "[127.0.0.1] one\n[127.0.0.1] \\x1b[2J\\x0a\n[127.0.0.1] \n",
          errors: """
            sockkit: listening on 127.0.0.1:PORT (udp)
            sockkit: sent 0 datagrams (0 bytes), received 3 datagrams (9 bytes) in T
            sockkit: the kernel dropped no datagram for 127.0.0.1:PORT

            """))
  }

  @Test func `without a host both families are received, and IPv4 is shown plainly`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "-c", "2", "0")
    let port = try await receiver.announcedPort()
    for host in ["127.0.0.1", "::1"] {
      #expect(try await sockkit("udp-send", host, "\(port)", "x") == Finished(.exit(0)))
    }
    #expect(try await receiver.finished().text == "[127.0.0.1] x\n[::1] x\n")
  }

  @Test func `with --end-on-empty an empty datagram is the end, and is neither printed nor answered`()
    async throws
  {
    let receiver = RunningProgram.sockkit(
      "udp-recv", "-v", "--end-on-empty", "--echo", "-c", "9", "127.0.0.1", "0")
    let port = try await receiver.announcedPort()
    let sender = try await python(
      """
      sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      sender.connect(("127.0.0.1", int(arguments[0])))
      for payload in [b"one", b"two", b"", b"three"]:
          sender.send(payload)
      say(sender.recv(9), sender.recv(9))
      """, "\(port)")
    #expect(sender.text == "b'one' b'two'\n", "\(sender)")
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "[127.0.0.1] one\n[127.0.0.1] two\n")
    #expect(
      end.generalized.errorLines.contains(
        "sockkit: sent 2 datagrams (6 bytes), received 2 datagrams (6 bytes) in T"), "\(end)")
  }

  @Test func `an empty datagram alone is an end with status 0, even if a number was asked for`() async throws
  {
    let directory = try TemporaryDirectory()
    let place = "unix:" + directory.file("socket")
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--end-on-empty", "-c", "3", place)
    try await receiver.errorLine(containing: "listening on ")
    #expect(try await sockkit("udp-send", "--empty", place) == Finished(.exit(0)))
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "")
  }

  @Test(arguments: [
    (["--peek"], "--peek and --end-on-empty exclude each other"),
    (["--tls", "--tls-self-signed"], "--tls and --end-on-empty exclude each other: no message is empty"),
  ])
  func `what excludes --end-on-empty is refused`(words: [String], problem: String) async throws {
    #expect(
      try await sockkit(["udp-recv", "--end-on-empty"] + words + ["127.0.0.1", "0"])
        == .usage(problem, of: "udp-recv"))
  }

  @Test func `a reader in a pipe sees each message at once`() async throws {
    let directory = try TemporaryDirectory()
    let pipeline = RunningProgram(
      .shell(
        "sockkit udp-recv --port-file \"$1\" 127.0.0.1:0 | while read -r line; do echo \"got $line\"; done",
        [directory.file("port")]))
    let port = try await directory.waitForPort("port")
    for word in ["first", "second"] {
      #expect(try await sockkit("udp-send", "127.0.0.1", "\(port)", word) == Finished(.exit(0)))
      try await pipeline.outputLine(containing: "got [127.0.0.1] \(word)")
    }
  }

  private struct Record: Decodable {
    struct Place: Decodable, Equatable {
      var address: String?
      var port: UInt16?
      var path: String?
    }
    let time: String
    let source: Place
    let destination: Place
    let length: Int
    let truncated: Bool
    let text: String?
    let base64: String?
  }

  @Test func `--json says when, from where, to where and what`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--json", "-c", "2", "0")
    let port = try await receiver.announcedPort()
    let before = Date.now
    let python = try await python(
      """
      sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      sender.bind(("127.0.0.1", 0))
      for payload in ["h\\u00fc\\n".encode(), b"\\xff\\x00"]:
          sender.sendto(payload, ("127.0.0.7", int(arguments[0])))
      say(sender.getsockname()[1])
      """, "\(port)")
    let lines = try await receiver.finished().text.split(separator: "\n")
    let records = try lines.map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
    try #require(records.count == 2)
    let source = UInt16(python.text.dropLast())
    for record in records {
      #expect(record.source == .init(address: "127.0.0.1", port: source))
      #expect(record.destination == .init(address: "127.0.0.7", port: port))
      #expect(!record.truncated)
      #expect(record.time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
      let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      let time = try style.parse(record.time.prefix(23) + "Z")
      #expect(abs(time.timeIntervalSince(before)) < 15)
    }
    #expect(records.map(\.text) == ["hü\n", nil])
    #expect(records.map(\.base64) == [nil, "/wA="])
    #expect(records.map(\.length) == [4, 2])
  }

  @Test func `answers leave from the address that was asked`() async throws {
    for (flags, answer) in [
      (["--echo"], "ping"), (["--prefix", "echo -> "], "echo -> ping"), (["--reply", #"a\tb\n"#], "a\tb\n"),
    ] {
      let server = RunningProgram(.sockkit(["udp-recv", "-v"] + flags + ["0"]))
      let port = try await server.announcedPort()
      // The sender is connected, so an answer from any other address would not be received.
      #expect(
        try await sockkit("udp-send", "--raw", "--expect", "1", "127.0.0.3", "\(port)", "ping")
          == Finished(.exit(0), output: answer))
      try await server.outputLine(containing: "[127.0.0.1] ping")
    }
  }

  @Test func `an answer that does not fit is told of, and the next one is sent`() async throws {
    let server = RunningProgram.sockkit("udp-recv", "-v", "--prefix", "p", "127.0.0.1", "0")
    let port = "\(try await server.announcedPort())"
    let longest = [UInt8](repeating: 120, count: 65_507)
    #expect(
      try await sockkit("udp-send", "--whole", "127.0.0.1", port, input: .bytes(longest))
        == Finished(.exit(0)))
    try await server.errorLine(containing: ": Message too long")
    #expect(
      try await sockkit("udp-send", "--expect", "1", "127.0.0.1", port, "x").text == "[127.0.0.1] px\n")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `being stopped is how it ends, with what had arrived written`(signal: Int32) async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "127.0.0.1", "0")
    let port = try await receiver.announcedPort()
    #expect(try await sockkit("udp-send", "127.0.0.1", "\(port)", "last") == Finished(.exit(0)))
    receiver.signal(signal)
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0) && end.text == "[127.0.0.1] last\n", "\(end)")
    let counting = RunningProgram.sockkit("udp-recv", "-v", "-c", "2", "127.0.0.1", "0")
    _ = try await counting.announcedPort()
    counting.signal(signal)
    #expect(try await counting.finished().ending == .signal(signal))
  }

  @Test func `a time-out is 75 if nothing came, or too little`() async throws {
    let nothing = try await sockkit("udp-recv", "--timeout", "100ms", "127.0.0.1", "0")
    #expect(nothing.ending == .exit(75))
    #expect(nothing.errors.hasSuffix(": timed out, nothing came\n"), "\(nothing)")
    for (flags, status) in [([], Int32(0)), (["-c", "2"], 75)] {
      let receiver = RunningProgram(
        .sockkit(["udp-recv", "-v", "--timeout", "6s"] + flags + ["127.0.0.1:0"]))
      let port = try await receiver.announcedPort()
      #expect(try await sockkit("udp-send", "127.0.0.1", "\(port)", "x") == Finished(.exit(0)))
      let end = try await receiver.finished()
      #expect(end.ending == .exit(status) && end.text == "[127.0.0.1] x\n", "\(end)")
    }
  }

  @Test func `a reader that leaves ends it by SIGPIPE, without another datagram`() async throws {
    let directory = try TemporaryDirectory()
    let pipeline = RunningProgram(
      .shell(
        "{ sockkit udp-recv --port-file \"$1\" 127.0.0.1:0; echo $? > \"$2\"; } | head -n 1",
        [directory.file("port"), directory.file("status")]))
    let port = try await directory.waitForPort("port")
    #expect(try await sockkit("udp-send", "127.0.0.1", "\(port)", "x") == Finished(.exit(0)))
    #expect(try await pipeline.finished() == Finished(.exit(0), output: "[127.0.0.1] x\n"))
    #expect(try directory.read("status") == Array("\(128 + SIGPIPE)\n".utf8))
  }

  @Test func `a full disk is status 74`() async throws {
    let receiver = RunningProgram(.sockkit(["udp-recv", "-v", "127.0.0.1", "0"]), output: .file("/dev/full"))
    let port = try await receiver.announcedPort()
    #expect(try await sockkit("udp-send", "127.0.0.1", "\(port)", "x") == Finished(.exit(0)))
    let end = try await receiver.finished()
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errorLines.last == "sockkit: write standard output: No space left on device")
  }

  @Test func `a port belongs to one receiver, unless it is shared`() async throws {
    let first = RunningProgram.sockkit("udp-recv", "-v", "--reuse-port", "127.0.0.1", "0")
    let port = "\(try await first.announcedPort())"
    #expect(
      try await sockkit("udp-recv", "127.0.0.1", port)
        == Finished(.exit(73), errors: "sockkit: bind to 127.0.0.1:\(port): Address already in use\n"))
    let second = RunningProgram.sockkit("udp-recv", "-v", "--reuse-port", "127.0.0.1", port)
    #expect(try await second.announcedPort() == UInt16(port))
  }

  @Test func `Unix datagrams are received, answered, and their file removed`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s")
    let server = RunningProgram.sockkit("udp-recv", "-v", "--echo", "-c", "2", "unix:\(path)")
    try await server.errorLine(containing: "listening on unix:\(path) (unix)")
    let name = "[unix:\(path)]"
    #expect(
      try await sockkit("udp-send", "--expect", "1", "-U", path, "hi")
        == Finished(.exit(0), output: "\(name) hi\n"))
    #expect(try await sockkit("udp-send", "unix:\(path)", "bye") == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text.hasSuffix(" hi\n[unix:] bye\n"), "\(end)")
    #expect(!directory.has("s"))
    #expect(try await sockkit("udp-send", "-U", path, "x").ending == .exit(69))
  }

  @Test func `a Unix datagram longer than any of UDP is received whole`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit("udp-recv", "-v", "--raw", "-c", "1", "unix:\(directory.file("s"))")
    try await server.errorLine(containing: "listening on ")
    let size = 150_000
    let sent = try await sockkit(
      "udp-send", "--whole", "-U", directory.file("s"), input: .bytes([UInt8](repeating: 7, count: size)))
    #expect(sent == Finished(.exit(0)))
    #expect(try await server.finished().output == [UInt8](repeating: 7, count: size))
  }

  @Test(arguments: [
    (["--raw", "--hex", "0"], "--raw, --hex and --json exclude each other"),
    (
      ["--echo", "--reply", "x", "0"], "--reply excludes --echo and --prefix, which answer with the question"
    ),
    (["--source-filter", "127.0.0.1", "0"], "--source-filter requires --join"),
    (["--port-file", "f", "unix:/tmp/none"], "--port-file: a Unix socket has no port"),
    (
      ["-6", "--join", "239.1.2.3%lo", "0"],
      "--join 239.1.2.3: -4 and -6 exclude the groups of the other family"
    ),
    ([], "no port given: expected PORT, HOST PORT or HOST:PORT"),
  ])
  func `a wrong command line is refused`(words: [String], message: String) async throws {
    #expect(try await sockkit(["udp-recv"] + words) == .usage(message, of: "udp-recv"))
  }

  @Test func `an address that is no group is refused with what is accepted`() async throws {
    let result = try await sockkit("udp-recv", "--join", "10.0.0.1", "0")
    #expect(result.ending == .exit(64))
    #expect(result.errors.contains("expected GROUP or GROUP%INTERFACE"), "\(result)")
  }

  @Test(arguments: ["--echo", "--json"])
  func `a flood does not keep it from being stopped`(flag: String) async throws {
    let receiver = RunningProgram(
      .sockkit(["udp-recv", "-v", flag, "127.0.0.1", "0"]), output: .file("/dev/null"))
    let port = try await receiver.announcedPort()
    let flood = try RunningProgram.python(
      """
      def send():
          sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          while True:
              sender.sendto(b"x", ("127.0.0.1", int(arguments[0])))
      threads = [threading.Thread(target=send, daemon=True) for _ in range(2)]
      for thread in threads:
          thread.start()
      say("flooding")
      for thread in threads:
          thread.join()
      """, "\(port)")
    try await flood.outputLine(containing: "flooding")
    receiver.signal(SIGTERM)
    #expect(try await receiver.finished().ending == .exit(0))
    // Still running: the receiver did not end because the flood did.
    flood.signal(SIGKILL)
    #expect(try await flood.finished().ending == .signal(SIGKILL))
  }

  /// Functions for scripts in which a receiver writes to a full pipe that is never read.
  private static let stuck = """
    def fill(pipe, size):
        "Size is what the pipe is made to hold at most, and no writer enlarges further."
        fcntl.fcntl(pipe, 1031, size)  # F_SETPIPE_SZ
        os.write(pipe, b"x" * size)

    def started(*flags, **streams):
        "The program, once it has announced itself on standard error, which is empty again then."
        reader, writer = os.pipe()
        program = subprocess.Popen(["sockkit", "udp-recv", "-v", *flags, "127.0.0.1:0"], stderr=writer, **streams)
        line = b""
        # Where it listens, and what it cannot do from then on.
        while line.count(b"\\n") < 2:
            line += os.read(reader, 1)
        return program, int(line.splitlines()[0].split()[-2].rsplit(b":", 1)[1]), reader, writer

    def send(port):
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port))

    """

  @Test func `the time-out holds while standard output takes nothing`() async throws {
    let result = try await python(
      Self.stuck + """
        unread, full = os.pipe()
        fill(full, 1 << 20)
        program, port, errors, writer = started("--timeout", "4s", stdout=full)
        send(port)
        say(program.wait())
        os.close(writer)
        say(os.read(errors, 1000).decode().splitlines()[-1])
        """)
    #expect(
      result
        == Finished(
          .exit(0),
          output: "75\nsockkit: write standard output: timed out, the received data is not being read\n"))
  }

  @Test func `a second signal ends it while standard error takes nothing`() async throws {
    let result = try await python(
      Self.stuck + """
        program, port, errors, writer = started(stdout=subprocess.PIPE)
        send(port)
        assert program.stdout.readline() == b"[127.0.0.1] x\\n"
        fill(writer, 4096)
        # The first one to be read stops it, and what it has to say about that finds no room.
        for number in (signal.SIGINT, signal.SIGTERM):
            program.send_signal(number)
        say(program.wait() in (-signal.SIGINT, -signal.SIGTERM))
        """)
    #expect(result == Finished(.exit(0), output: "True\n"))
  }

  @Test func `a signal that ends it leaves no socket file`() async throws {
    let directory = try TemporaryDirectory()
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "-c", "5", "unix:\(directory.file("s"))")
    try await receiver.errorLine(containing: "listening on ")
    receiver.signal(SIGTERM)
    #expect(try await receiver.finished().ending == .signal(SIGTERM))
    #expect(!directory.has("s"))
  }

  @Test func `--port-file replaces nothing but a file`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await shell(
      "mkfifo \"$1\"; sockkit udp-recv --port-file \"$1\" 127.0.0.1:0; echo $?; [ -p \"$1\" ]",
      directory.file("p"))
    #expect(
      result
        == Finished(
          .exit(0), output: "73\n", errors: "sockkit: create \(directory.file("p")): File exists\n"))
  }

  @Test func `what could attack a terminal is escaped in JSON too`() async throws {
    let receiver = RunningProgram.sockkit("udp-recv", "-v", "--json", "-c", "1", "127.0.0.1", "0")
    let port = "\(try await receiver.announcedPort())"
    #expect(try await sockkit("udp-send", "127.0.0.1", port, "a\u{202E}b\u{9B}") == Finished(.exit(0)))
    let text = try await receiver.finished().text
    #expect(text.contains(#""text":"a\u202eb\u009b""#), "\(text)")
    #expect(try JSONDecoder().decode(Record.self, from: Data(text.utf8)).text == "a\u{202E}b\u{9B}")
  }

  @Test func `an address without a port is not taken for a port`() async throws {
    #expect(
      try await sockkit("udp-recv", "127.0.0.1")
        == .usage(
          "'127.0.0.1' is an address without a port: expected PORT, HOST PORT or HOST:PORT", of: "udp-recv"))
  }
}
