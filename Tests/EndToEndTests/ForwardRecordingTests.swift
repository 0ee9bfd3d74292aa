// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The recordings that `forward` makes of the traffic.
@Suite(.takingTurns)
struct ForwardRecordingTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// The functions that the scripts share.
  private static let words = """
    def ask(pair, question, answer):
        client, served = pair
        client.sendall(question)
        assert exactly(served, len(question)) == question
        served.sendall(answer)
        assert exactly(client, len(answer)) == answer

    def name(socket):
        return "127.0.0.1:%d" % socket.getsockname()[1]

    def dumped(path):
        "What a dump has of each client, in each direction."
        parts = {}
        form = re.compile(
            r"\\[(\\S+)\\] ([<>]) \\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{6}Z ([0-9a-f]{8})  ((?:[0-9a-f]{2} {1,2}){1,16}) *\\|.{1,16}\\|")
        for line in open(path).read().splitlines():
            match = form.fullmatch(line)
            assert match, line
            label, mark, offset, digits = match.groups()
            part = parts.setdefault((label, mark), bytearray())
            assert len(part) == int(offset, 16), line
            part += bytes.fromhex(digits)
        return parts

    def failed(forward, status=74):
        assert forward.process.wait(20) == status, (forward.process.returncode, forward.lines)
        forward.reader.join()
        return forward.lines


    """

  private func recording(
    _ script: String, _ arguments: String..., at location: SourceLocation = #_sourceLocation
  ) async throws {
    let program = try Program.python(
      forwardWords + "import re\n" + Self.words + script, [directory.path] + arguments)
    let finished = try await RunningProgram(program, input: .file("/dev/null"), limit: 40).finished()
    #expect(finished.ending == .exit(0), "\(finished)", sourceLocation: location)
  }

  @Test(arguments: ["1", "2"])
  func `a dump has both directions of each connection, with the client's label`(workers: String) async throws
  {
    try await recording(
      """
      file = arguments[0] + "/dump"
      forward = Forward("--workers", arguments[1], "-x", file)
      pairs = [forward.pair() for _ in range(2)]
      for turn in range(2):
          for index, pair in enumerate(pairs):
              ask(pair, b"question %d.%d" % (index, turn), b"answer %d.%d" % (index, turn))
      names = [name(client) for client, _ in pairs]
      for client, served in pairs:
          client.close()
          served.close()
      forward.line("closed ", 2)
      forward.stop()
      assert dumped(file) == {
          (names[0], ">"): b"question 0.0question 0.1", (names[0], "<"): b"answer 0.0answer 0.1",
          (names[1], ">"): b"question 1.0question 1.1", (names[1], "<"): b"answer 1.0answer 1.1"}
      """, workers)
  }

  @Test func `a dump may go to standard error`() async throws {
    try await recording(
      """
      forward = Forward("-x", "-")
      pair = forward.pair()
      ask(pair, b"ping", b"pong")
      line = forward.line(f"[{name(pair[0])}] < ")
      assert line.endswith("|pong|"), line
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test func `Unix clients without a name have numbers`() async throws {
    try await recording(
      """
      file = arguments[0] + "/dump"
      forward = Forward("-x", file, place=f"unix:{arguments[0]}/place")
      for pair in [forward.pair() for _ in range(2)]:
          ask(pair, b"ping", b"pong")
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      assert dumped(file) == {("unix:#1", ">"): b"ping", ("unix:#1", "<"): b"pong",
                              ("unix:#2", ">"): b"ping", ("unix:#2", "<"): b"pong"}
      """)
  }

  @Test(arguments: ["1", "4"], ["file", "FIFO"])
  func `lines of a dump are whole, whoever writes them at the same time`(workers: String, kind: String)
    async throws
  {
    try await recording(
      """
      file = arguments[0] + "/dump"
      if arguments[2] == "FIFO":
          # It takes a part of what is written at once.
          os.mkfifo(file)
          kept = os.open(file, os.O_RDWR)
          reader = subprocess.Popen(["sh", "-c", "cat $0 > $0.read", file])
      forward = Forward("--workers", arguments[1], "-x", file)
      pairs = [forward.pair() for _ in range(8)]
      names = [name(client) for client, _ in pairs]
      there, back = ([os.urandom(40000) for _ in pairs] for _ in range(2))
      works = []
      for (client, served), question, answer in zip(pairs, there, back):
          works += [lambda side=client, data=question: send_all(side, data),
                    lambda side=served, data=answer: send_all(side, data),
                    lambda side=client: received(side), lambda side=served: received(side)]
      results = together(*works)
      assert results[2::4] == back and results[3::4] == there
      forward.line("closed ", 8)
      if arguments[2] == "FIFO":
          os.close(kept)
      forward.stop()
      if arguments[2] == "FIFO":
          assert reader.wait(20) == 0
          file += ".read"
      wanted = dict(zip([(name, ">") for name in names] + [(name, "<") for name in names], there + back))
      assert dumped(file) == wanted
      """, workers, kind)
  }

  @Test(arguments: ["1", "2"])
  func `-o has all connections in the order of what happens, the others one direction each`(workers: String)
    async throws
  {
    try await recording(
      """
      file = lambda name: arguments[0] + "/" + name
      forward = Forward("--workers", arguments[1], "-o", file("all"), "--record-sent", file("sent"),
                        "--record-received", file("received"))
      pairs = [forward.pair() for _ in range(2)]
      for turn in range(2):
          for index, pair in enumerate(pairs):
              ask(pair, b"q%d%d" % (index, turn), b"a%d%d" % (index, turn))
      read = lambda name: open(file(name), "rb").read()
      assert read("all") == b"q00a00q10a10q01a01q11a11"
      assert read("sent") == b"q00q10q01q11"
      assert read("received") == b"a00a10a01a11"
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """, workers)
  }

  @Test func `a large transfer is recorded, byte by byte`() async throws {
    try await recording(
      """
      file = lambda name: arguments[0] + "/" + name
      forward = Forward("--record-sent", file("sent"), "--record-received", file("received"))
      client, served = forward.pair()
      there, back = os.urandom(8 << 20), os.urandom(6 << 20)
      results = together(lambda: send_all(client, there), lambda: send_all(served, back),
                         lambda: received(served) == there, lambda: received(client) == back)
      assert results[2:] == [True, True], results
      forward.line(f"sent {6 << 20} bytes, received {8 << 20} bytes in ")
      forward.stop()
      assert open(file("sent"), "rb").read() == there and open(file("received"), "rb").read() == back
      """)
  }

  @Test(arguments: ["client", "target"])
  func `--rate holds back what is recorded, too`(sender: String) async throws {
    try await recording(
      """
      file = arguments[0] + "/record"
      forward = Forward("--rate", "100K", "-o", file)
      pair = forward.pair()
      first, second = pair if arguments[1] == "client" else reversed(pair)
      data = os.urandom(80 << 10)
      begin = time.monotonic()
      before = forward.seconds()
      first.sendall(data)
      assert exactly(second, len(data)) == data
      # A fifth of a second is for nothing at the beginning.
      assert 0.55 < time.monotonic() - begin < 2
      assert forward.seconds() - before < 0.3
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      assert open(file, "rb").read() == data
      """, sender)
  }

  @Test func `what was sent before a reset arrives and is recorded`() async throws {
    try await recording(
      """
      file = arguments[0] + "/record"
      forward = Forward("--rate", "20K", "-o", file)
      client, served = forward.pair()
      data = os.urandom(40 << 10)
      client.sendall(data)
      # A reset takes back what has not been acknowledged.
      eventually(lambda: not any(fcntl.ioctl(client, termios.TIOCOUTQ, bytes(4))))
      reset(client)
      assert exactly(served, len(data)) == data
      assert is_reset(served)
      forward.stop()
      assert open(file, "rb").read() == data
      """)
  }

  @Test(arguments: [["-x"], ["-o"], ["--record-sent"], ["-o", "--workers=2"]])
  func `a record that cannot be written ends it with status 74, and all connections with a reset`(
    flags: [String]
  ) async throws {
    try await recording(
      """
      flag, *more = arguments[1:]
      forward = Forward(flag, "/dev/full", *more)
      pairs = [forward.pair() for _ in range(3)]
      forward.line("connected ", 3)
      pairs[0][0].sendall(b"ping")
      assert failed(forward)[-1] == "sockkit: write /dev/full: No space left on device", forward.lines
      assert not [line for line in forward.lines if "--grace" in line], forward.lines
      assert all(is_reset(side) for pair in pairs for side in pair)
      """, flags[0], flags.dropFirst().first ?? "--workers=1")
  }

  @Test(arguments: ["1", "2"])
  func `a disk that becomes full ends it with status 74, and both sides see a reset`(workers: String)
    async throws
  {
    let finished = try await PrivateNetwork(.none).shell(
      """
      mkdir full && mount -t tmpfs -o size=64k none full || exit 98
      sockkit listen --port-file target 127.0.0.1:0 < /dev/null > /dev/null 2> target-errors &
      listen=$!
      until [ -e target ]; do sleep 0.02; done
      sockkit forward --workers \(workers) -o full/record --port-file port 127.0.0.1:0 127.0.0.1:$(cat target) &
      until [ -e port ]; do sleep 0.02; done
      head -c 50000000 /dev/zero | sockkit connect 127.0.0.1 $(cat port) 2> errors
      echo client $?
      wait $!
      echo forward $?
      wait $listen
      echo target $?
      wc -c < full/record
      """)
    #expect(
      finished
        == Finished(
          .exit(0), output: "client 74\nforward 74\ntarget 74\n65536\n",
          errors: "sockkit: write full/record: No space left on device\n"))
  }

  @Test func `what has come from the target is passed on, though it cannot be recorded`() async throws {
    try await recording(
      """
      forward = Forward("--record-received", "/dev/full")
      client, served = forward.pair()
      client.sendall(b"ping")
      assert exactly(served, 4) == b"ping"
      served.sendall(b"pong")
      assert exactly(client, 4) == b"pong"
      assert failed(forward)[-1] == "sockkit: write /dev/full: No space left on device", forward.lines
      assert is_reset(client) and is_reset(served)
      """)
  }

  @Test func `a client that does not read what it is still owed is waited for as long as --grace says`()
    async throws
  {
    try await recording(
      """
      forward = Forward("--grace", "1s", "--record-sent", "/dev/full")
      client, served = forward.pair()
      served.setblocking(False)
      def is_full():
          try:
              while True:
                  served.send(bytes(1 << 20))
          except BlockingIOError:
              return not select.select([], [served], [], 0.1)[1]
      eventually(is_full)
      client.sendall(b"ping")
      begin = time.monotonic()
      assert failed(forward)[-1] == "sockkit: write /dev/full: No space left on device", forward.lines
      assert 0.9 < time.monotonic() - begin < 4
      """)
  }

  @Test(arguments: ["-o", "--record-sent", "--record-received", "-x"])
  func `a file that exists is left alone, and nobody is served`(flag: String) async throws {
    let file = try directory.write("precious", to: "file")
    #expect(
      try await sockkit("forward", "-v", flag, file, "127.0.0.1:0", "127.0.0.1:1")
        == Finished(
          .exit(73),
          errors: "sockkit: create \(file): File exists (--append continues it, --force replaces it)\n"))
    #expect(try directory.read("file") == Array("precious".utf8))
  }

  @Test(arguments: [("--append", "old ping"), ("--force", "ping")])
  func `--append continues a file and --force replaces it`(flag: String, content: String) async throws {
    let file = try directory.write("old ", to: "file")
    try await recording(
      """
      forward = Forward(arguments[1], "--record-sent", arguments[2])
      ask(forward.pair(), b"ping", b"pong")
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """, flag, file)
    #expect(try directory.read("file") == Array(content.utf8))
  }

  @Test func `where nothing can be bound no file is made`() async throws {
    try await recording(
      """
      taken = socket.create_server(("127.0.0.1", 0))
      file = arguments[0] + "/record"
      words = "sockkit", "forward", "-o", file, name(taken), "127.0.0.1:1"
      result = subprocess.run(words, stderr=subprocess.PIPE, timeout=20)
      assert result.returncode == 73 and b"in use" in result.stderr, result
      assert not os.path.exists(file)
      """)
  }

  @Test(arguments: [
    (["--append"], "--append requires a record or dump file"),
    (["--force", "--append", "-o", "f"], "--append and --force exclude each other"),
    (["-o", "f", "-x", "f"], "--record and --hex-dump name the same file"),
    (["-o", "-"], "invalid value '-' for -o: expected the name of a file; './-' is one called '-'"),
  ])
  func `what makes no sense is refused`(flags: [String], message: String) async throws {
    #expect(
      try await sockkit(["forward", "127.0.0.1:0", "127.0.0.1:1"] + flags) == .usage(message, of: "forward"))
  }
}
