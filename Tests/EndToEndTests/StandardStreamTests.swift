// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The bytes are transferred whatever standard input and output are.
@Suite(.takingTurns)
struct StandardStreamTests {
  /// Answers each connection with the received bytes in capitals.
  private static let shouting = "connection = accepted(); connection.sendall(received(connection).upper())"

  @Test(arguments: [
    ("a file", "sockkit connect 127.0.0.1 $1 < in > out"),
    ("a pipe", "cat in | sockkit connect 127.0.0.1 $1 | cat > out"),
    ("a file that is appended to", "printf '' > out; sockkit connect 127.0.0.1 $1 < in >> out"),
    ("a file opened for both", "sockkit connect 127.0.0.1 $1 <> in 1<> out"),
    (
      "a FIFO whose writer has left",
      "mkfifo f; exec 3<> f; cat in > f; exec 4< f 3<&-; sockkit connect 127.0.0.1 $1 <&4 > out"
    ),
    ("a here-document", "sockkit connect 127.0.0.1 $1 > out << end\nhello\nend\n"),
  ])
  func `standard input and output may be of any kind`(kind: String, script: String) async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("hello\n", to: "in")
    let peer = try RunningProgram.python(Self.shouting)
    let result = try await shell("cd $2 && \(script)", "\(peer.printedPort())", directory.path)
    #expect(result == Finished(.exit(0)), "\(kind)")
    #expect(try directory.read("out") == Array("HELLO\n".utf8), "\(kind)")
  }

  @Test func `appending keeps what a file had before`() async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("before ", to: "log")
    let peer = try RunningProgram.python(Self.shouting)
    let result = try await shell(
      "printf after | sockkit connect 127.0.0.1 $1 >> $2", "\(peer.printedPort())", directory.file("log"))
    #expect(result == Finished(.exit(0)))
    #expect(try directory.read("log") == Array("before AFTER".utf8))
  }

  @Test func `large output is appended whole`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 8, to: "file")
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file(file))
    let result = try await shell(
      "sockkit connect 127.0.0.1 $1 < /dev/null >> $2", "\(server.announcedPort())", directory.file("copy"))
    #expect(result == Finished(.exit(0)))
    let digests = try await directory.digests("file", "copy")
    #expect(digests[0] == digests[1])
  }

  @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
  func `a closed standard stream is as good as /dev/null`(closed: String) async throws {
    let peer = try RunningProgram.python(
      "connection = accepted(); connection.sendall(b'hi\\n'); say('received', len(received(connection)))")
    let result = try await shell(
      "exec 3>&1; sockkit connect 127.0.0.1 $1 \(closed)", "\(peer.printedPort())")
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.errors.isEmpty)
    #expect(result.text == (closed.contains(">&-") && closed != "2>&-" ? "" : "hi\n"))
    #expect(try await peer.finished().text.hasSuffix("received 0\n"))
  }

  @Test(
    arguments: [
      "doctor", "resolve 127.0.0.1", "resolve --json 127.0.0.1", "getserv http", "buffers --unix",
      "completion bash", "connect -z --json unix:/nonexistent", "--version", "--help", "connect -h",
    ], [">&-", "<&- >&-"])
  func `a result is not lost unnoticed because standard output is closed`(line: String, closed: String)
    async throws
  {
    #expect(
      try await shell("sockkit \(line) \(closed)")
        == Finished(
          .exit(74), errors: "sockkit: write standard output, which is closed: Bad file descriptor\n"))
  }

  @Test func `a closed standard error does not receive the bytes of the connection`() async throws {
    let peer = try RunningProgram.python("connection = accepted(); say('received', received(connection))")
    let result = try await shell(
      "printf data | sockkit connect -v 127.0.0.1 $1 2>&-", "\(peer.printedPort())")
    #expect(result == Finished(.exit(0)))
    #expect(try await peer.finished().text.hasSuffix("received b'data'\n"))
  }

  @Test func `a standard input that can only be written, as nohup makes it, has no bytes`() async throws {
    let peer = try RunningProgram.python(
      "connection = accepted(); connection.sendall(b'x' + received(connection))")
    let result = try await shell("sockkit connect 127.0.0.1 $1 0> /dev/null", "\(peer.printedPort())")
    #expect(result == Finished(.exit(0), output: "x"))
  }

  @Test func `/dev/null is an input without bytes and an output for any number`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"), output: .file("/dev/null"))
    let result = try await shell(
      "head -c 3000000 /dev/zero | sockkit connect 127.0.0.1 $1", "\(server.announcedPort())")
    #expect(result == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errors.contains("received 3000000 bytes"))
  }

  @Test func `a file's offset stands after the last byte sent`() async throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("one\ntwo\nthree\n", to: "file")
    let peer = try RunningProgram.python("connection = accepted(); say('received', received(connection))")
    let result = try await shell(
      "{ head -n 1 > /dev/null; sockkit connect 127.0.0.1 $1; cat; } < $2", "\(peer.printedPort())",
      directory.file("file"))
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.output.isEmpty)
  }

  @Test func `what was read from a file but not sent is left for the next program`() async throws {
    let result = try await python(
      """
      size = 32 << 20
      with os.fdopen(os.open("/tmp", os.O_TMPFILE | os.O_RDWR), "r+b") as file:
          file.write(bytes(size))
          file.flush()
          os.lseek(file.fileno(), 0, os.SEEK_SET)
          # Of a TCP connection, which is reset, not all arrives that was sent.
          name = f"sockkit-test-{os.getpid()}"
          listener = socket.socket(socket.AF_UNIX)
          listener.bind("\\0" + name)
          listener.listen()
          client = subprocess.Popen(["sockkit", "connect", "--quit-on-eof", "unix:@" + name], stdin=file)
          connection = listener.accept()[0]
          first = connection.recv(1 << 16)
          connection.shutdown(socket.SHUT_WR)
          status, offset = client.wait(20), os.lseek(file.fileno(), 0, os.SEEK_CUR)
          arrived = len(first + received(connection))
          say(status, "whole" if offset == arrived else (offset, arrived))
      """)
    #expect(result == Finished(.exit(0), output: "0 whole\n"))
  }

  @Test(arguments: ["", "-x /dev/null", "--telnet"])
  func `time-outs hold though standard output blocks and cannot be opened once more`(
    flags: String
  ) async throws {
    let directory = try TemporaryDirectory()
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      try:
          while True: connection.sendall(bytes(1 << 16))
      except OSError: pass
      """)
    let script = """
      [ $(id -u) != 0 ] || drop="setpriv --bounding-set -dac_override,-dac_read_search"
      mkfifo $2/fifo; exec 3<> $2/fifo; chmod 0 $2/fifo
      $drop sockkit connect --timeout 0.5 \(flags) 127.0.0.1 $1 < /dev/null >&3
      """
    let result = try await shell(script, "\(peer.printedPort())", directory.path)
    #expect(result.ending == .exit(75) && result.errors.contains("(--timeout)"), "\(result)")
    #expect(try await peer.finished().ending == .exit(0))
  }

  @Test
  func `a terminal that has hung up keeps no processor busy, and is told of once there is a line for it`()
    async throws
  {
    let result = try await python(
      """
      ours, theirs = terminal()
      server = subprocess.Popen(
          ["sockkit", "listen", "-k", "-v", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=theirs,
          stderr=subprocess.PIPE, text=True, start_new_session=True)
      os.close(theirs)
      def seconds():
          fields = open(f"/proc/{server.pid}/stat").read().rsplit(")", 1)[1].split()
          return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
      client = connected(server.stderr.readline().split(":")[-1].split()[0])
      os.close(ours)
      before = seconds()
      assert not select.select([], [], [], 0.5)[0]
      assert seconds() - before < 0.2, seconds() - before
      client.sendall(b"line\\n")
      say(server.stderr.read().splitlines()[-1], server.wait(20))
      """)
    #expect(
      result == Finished(.exit(0), output: "sockkit: write standard output: Input/output error 74\n"))
  }

  @Test func `a socket serves as both standard streams`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      ours, theirs = socket.socketpair()
      client = subprocess.Popen(
          ["sockkit", "connect", "127.0.0.1", str(listener.getsockname()[1])], stdin=theirs, stdout=theirs)
      theirs.close()
      connection = listener.accept()[0]
      data = os.urandom(4 << 20)
      def write():
          ours.sendall(data)
          ours.shutdown(socket.SHUT_WR)
      threading.Thread(target=write).start()
      threading.Thread(target=lambda: (connection.sendall(received(connection)), connection.close())).start()
      say(received(ours) == data, client.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "True 0\n"))
  }

  @Test func `a terminal serves as both standard streams`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      ours, theirs = terminal()
      client = subprocess.Popen(
          ["sockkit", "connect", "127.0.0.1", str(listener.getsockname()[1])], stdin=theirs, stdout=theirs)
      os.close(theirs)
      connection = listener.accept()[0]
      os.write(ours, b"typed\\n\\x04")
      say(received(connection))
      connection.sendall(b"answer\\n")
      connection.close()
      say(until_eio(ours), client.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "b'typed\\n'\nb'answer\\n' 0\n"))
  }

  @Test func `records are written whole to a pipe that somebody made non-blocking`() async throws {
    let result = try await python(
      """
      reader, writer = os.pipe()
      fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
      program = subprocess.Popen(["sockkit", "resolve"] + ["127.0.0.1"] * 3000, stdout=writer)
      poller = select.poll()
      poller.register(writer, select.POLLOUT)
      while poller.poll(0):
          assert program.poll() is None, program.poll()
      os.close(writer)
      blocks = 0
      with os.fdopen(reader) as lines:
          blocks = sum(line.startswith("name: ") for line in lines)
      say(program.wait(), blocks)
      """)
    #expect(result == Finished(.exit(0), output: "0 3000\n"))
  }
}
