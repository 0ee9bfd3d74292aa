// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// `listen --keep-open`: standard input for many clients.
@Suite(.takingTurns)
struct KeepOpenInputTests {
  @Test func `a file goes to the first client whole, and later ones get its end at once`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 16, to: "sent")
    let server = KeepOpenTests.start(input: .file(file))
    let port = "\(try await server.announcedPort())"
    let first = try await sockkit("connect", "127.0.0.1", port, output: .file(directory.file("received")))
    #expect(first == Finished(.exit(0)))
    let digests = try await directory.digests("sent", "received")
    #expect(digests[0] == digests[1])
    for _ in 1...2 { #expect(try await sockkit("connect", "127.0.0.1", port) == Finished(.exit(0))) }
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `everybody who is connected gets what comes, also who has finished sending`() async throws {
    let server = KeepOpenTests.start(input: .pipe)
    let port = "\(try await server.announcedPort())"
    let clients = (0..<5).map { number in
      RunningProgram.sockkit(
        "connect", "127.0.0.1", port, input: number < 2 ? .file("/dev/null") : .pipe)
    }
    let number = "\(try await server.processIdentifier())"
    let connected = try await shell(
      "until [ $(ls -l /proc/$1/fd | grep -c socket:) = 6 ]; do sleep 0.02; done", number)
    #expect(connected.ending == .exit(0))
    server.send("one\n")
    for client in clients { try await client.outputLine(containing: "one") }
    clients[4].closeInput()
    server.send("two\n")
    for client in clients { try await client.outputLine(containing: "two") }
    server.closeInput()
    for client in clients { #expect(try await client.finish() == Finished(.exit(0), output: "one\ntwo\n")) }
    #expect(try await sockkit("connect", "127.0.0.1", port) == Finished(.exit(0)))
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `nothing is read while nobody is there`() async throws {
    let server = KeepOpenTests.start("--no-shutdown", input: .pipe)
    let port = try await server.announcedPort()
    for text in ["kept", "for the next"] {
      server.send(text)
      let script = "client = connected(arguments[0])\nassert client.recv(100) == b'\(text)'\nreset(client)"
      let end = try await python(script, "\(port)")
      #expect(end.ending == .exit(0), "\(end)")
      try await server.errorLine(containing: "sent \(text.count) bytes")
    }
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `a slow client has everything, and so have fast ones beside it`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 12, to: "sent")
    let script = """
      server = Logged("sockkit", "listen", "-kv", "127.0.0.1:0", stdin=subprocess.PIPE)
      clients = []
      for number in range(4):
          client = socket.socket()
          if number == 0: client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
          client.connect(("127.0.0.1", int(server.place.split(":")[1])))
          clients.append(client)
      server.line("accepted ", 4)
      text = open(arguments[0], "rb").read()
      got, ahead = [None] * 4, threading.Event()
      def read(number):
          digest, count = hashlib.sha256(), 0
          if number == 0: assert ahead.wait(20)
          while part := clients[number].recv(1000 if number == 0 else 1 << 16):
              digest.update(part)
              count += len(part)
              if count >= 1 << 20: ahead.set()
          got[number] = digest.hexdigest()
      readers = [threading.Thread(target=read, args=(number,)) for number in range(4)]
      for reader in readers: reader.start()
      server.process.stdin.buffer.write(text)
      server.process.stdin.close()
      for reader in readers: reader.join()
      assert got == [hashlib.sha256(text).hexdigest()] * 4
      for client in clients: client.close()
      server.stop()
      """
    let end = try await python(logWords + script, file)
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `a client that reads nothing is reset, and reported, where others wait for it`() async throws {
    let script = """
      server = Logged("sockkit", "listen", "-kv", "127.0.0.1:0", stdin=subprocess.PIPE)
      idle, busy = server.connect(), server.connect()
      server.line("accepted ", 2)
      text = b"x" * (32 << 20)
      def write():
          server.process.stdin.buffer.write(text)
          server.process.stdin.close()
      writer = threading.Thread(target=write)
      writer.start()
      assert len(received(busy)) == len(text)
      writer.join()
      assert server.resident() < 60 << 20, server.resident()
      try:
          while idle.recv(1 << 20): pass
          raise AssertionError("an end in order")
      except ConnectionResetError:
          pass
      busy.close()
      errors = "".join(server.stop())
      assert "bytes not sent to it: it read nothing for 5 s while others waited" in errors, errors
      """
    let end = try await python(logWords + script)
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `a client that is alone may take its time`() async throws {
    let server = KeepOpenTests.start(input: .bytes([UInt8](repeating: 120, count: 16 << 20)))
    try await KeepOpenTests.clients(
      of: server,
      """
      client = connected(port)
      # Longer than one that holds others up may take; only a reset would be reported.
      watch = select.poll()
      watch.register(client, 0)
      assert not watch.poll(6000)
      assert len(received(client)) == 16 << 20
      """)
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `the offset of a file stands after what was sent, when it is told to stop`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 24, to: "sent")
    let script = """
      text = open(arguments[0], "rb")
      # More is read at once than the rate lets out, so that something is left to be put back.
      server = subprocess.Popen(["sockkit", "listen", "-kv", "--rate", "1K", "--grace", "100ms", "127.0.0.1:0"],
                                stdin=text, stderr=subprocess.PIPE)
      port = int(server.stderr.readline().split()[3].split(b":")[1])
      client = connected(port)
      assert client.recv(1)
      before = os.lseek(text.fileno(), 0, os.SEEK_CUR)
      server.terminate()
      (line,) = [line for line in server.stderr if b" closed " in line]
      assert server.wait() == 0
      sent = int(line.split(b"sent ")[1].split()[0])
      assert os.lseek(text.fileno(), 0, os.SEEK_CUR) == sent < before, (sent, before)
      """
    let end = try await python(script, file)
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `who has finished sending makes room for others`() async throws {
    let server = KeepOpenTests.start("-m", "2", input: .pipe)
    try await KeepOpenTests.clients(
      of: server,
      """
      for number in range(10):
          client = connected(port)
          client.sendall(b"%d\\n" % number)
          client.close()
      """)
    try await server.output(ofAtLeast: 20)
    server.send("x")
    let lines = try await KeepOpenTests.stopped(server).text.split(separator: "\n")
    #expect(lines.sorted() == (0..<10).map { "\($0)" })
  }

  @Test func `--recv-only reads no input, and a client's end is the end`() async throws {
    let server = KeepOpenTests.start("--recv-only", input: .pipe)
    let port = "\(try await server.announcedPort())"
    #expect(try await sockkit("connect", "127.0.0.1", port, input: .bytes([104, 105])) == Finished(.exit(0)))
    #expect(try await KeepOpenTests.stopped(server).text == "hi")
  }

  @Test func `--send-only discards what comes, and ends when all is acknowledged`() async throws {
    let server = KeepOpenTests.start("--send-only", input: .bytes(Array("answer".utf8)))
    try await KeepOpenTests.clients(
      of: server,
      """
      client = connected(port)
      client.sendall(b"x" * 1000)
      assert received(client) == b"answer"
      """)
    #expect(try await KeepOpenTests.stopped(server).text == "")
  }

  @Test func `--quit-on-eof lets go of a client that has finished sending`() async throws {
    let server = KeepOpenTests.start("--quit-on-eof", input: .pipe)
    let port = "\(try await server.announcedPort())"
    #expect(try await sockkit("connect", "127.0.0.1", port, input: .bytes([104, 105])) == Finished(.exit(0)))
    #expect(try await KeepOpenTests.stopped(server).text == "hi")
  }

  @Test func `-q lets go of clients so long after the end of input`() async throws {
    let server = KeepOpenTests.start("-q", "100ms", "--no-shutdown", input: .bytes(Array("all".utf8)))
    try await KeepOpenTests.clients(
      of: server, "assert received(connected(port)) == b'all'\nassert received(connected(port)) == b''")
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `a terminal's user types for those who are there, and a client's end is the end`() async throws {
    let script = """
      ours, theirs = terminal()
      server = Logged("sockkit", "listen", "-kv", "127.0.0.1:0", stdin=theirs)
      client = server.connect()
      os.write(ours, b"typed\\n")
      assert client.recv(100) == b"typed\\n"
      client.shutdown(socket.SHUT_WR)
      assert client.recv(1) == b""
      server.stop()
      """
    let end = try await python(logWords + script)
    #expect(end.ending == .exit(0), "\(end)")
  }
}
