// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct StreamEndTests {
  @Test func `the end of standard input half-closes, and the peer's answer is still received`() async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.sendall(b"got " + received(connection))
      connection.close()
      """)
    let client = try await sockkit(
      "connect", "127.0.0.1:\(peer.printedPort())", input: .bytes(Array("hello".utf8)))
    #expect(client == Finished(.exit(0), output: "got hello"))
    #expect(try await peer.finished().ending == .exit(0))
  }

  @Test func `-N is the default and changes nothing`() async throws {
    let peer = try RunningProgram.python(
      "connection = accepted(); connection.sendall(b'got ' + received(connection))")
    let client = try await sockkit(
      "connect", "-N", "127.0.0.1:\(peer.printedPort())", input: .bytes([104, 105]))
    #expect(client == Finished(.exit(0), output: "got hi"))
  }

  @Test func `--no-shutdown does not half-close, and ends when the peer has closed`() async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      say("received", connection.recv(5, socket.MSG_WAITALL).decode())
      told("go on")
      say("ended" if select.select([connection], [], [], 0)[0] else "open")
      connection.sendall(b"bye")
      connection.close()
      """)
    let client = RunningProgram.sockkit(
      "connect", "--trace", "--no-shutdown", "127.0.0.1:\(try await peer.printedPort())",
      input: .bytes(Array("hello".utf8)))
    try await peer.outputLine(containing: "received hello")
    peer.send("go on\n")
    let end = try await client.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "bye")
    #expect(!end.errors.contains("shutdown("))
    #expect(try await peer.finished().text.hasSuffix("open\n"))
  }

  @Test(arguments: ["0", "300ms"])
  func `-q ends that long after the end of input, though the peer keeps the connection`(delay: String)
    async throws
  {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      say(len(received(connection)), "bytes")
      told("done")
      """)
    let bytes = [UInt8](repeating: 7, count: 3 << 20)
    let start = ContinuousClock.now
    let client = try await sockkit(
      "connect", "-q", delay, "127.0.0.1:\(peer.printedPort())", input: .bytes(bytes))
    #expect(client == Finished(.exit(0)))
    if delay == "300ms" { #expect(start.duration(to: .now) >= .milliseconds(300)) }
    try await peer.outputLine(containing: "\(bytes.count) bytes")
    peer.send("done\n")
    #expect(try await peer.finished().ending == .exit(0))
  }

  @Test func `a peer that half-closes first still gets everything, and standard output is closed`()
    async throws
  {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.sendall(b"only this")
      connection.shutdown(socket.SHUT_WR)
      say("got", received(connection).decode())
      """)
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await peer.printedPort())")
    client.send("before, ")
    await client.outputEnd()
    client.send("after")
    #expect(try await client.finish() == Finished(.exit(0), output: "only this"))
    #expect(try await peer.finished().text.hasSuffix("got before, after\n"))
  }

  @Test func `the next program in the pipe sees the end while standard input stays open`() async throws {
    let peer = try RunningProgram.python(
      "connection = accepted(); connection.sendall(b'data\\n'); connection.shutdown(1); received(connection)")
    let pipeline = RunningProgram(
      .shell("sockkit connect 127.0.0.1 $1 | { cat; echo end; }", ["\(try await peer.printedPort())"]))
    try await pipeline.outputLine(containing: "end")
    #expect(try await pipeline.finish() == Finished(.exit(0), output: "data\nend\n"))
  }

  @Test func `listen delivers a whole file to a client that has nothing to say`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 8, to: "file")
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file(file))
    let client = try await sockkit(
      "connect", "127.0.0.1:\(server.announcedPort())", output: .file(directory.file("copy")))
    #expect(client == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0))
    #expect(end.output.isEmpty)
    let digests = try await directory.digests("file", "copy")
    #expect(digests[0] == digests[1])
  }

  @Test func `--quit-on-eof ends when the peer has stopped sending, whatever is left to send`() async throws {
    let peer = try RunningProgram.python(
      "connection = accepted(); connection.sendall(b'bye'); connection.shutdown(1); told('done')")
    let client = RunningProgram.sockkit(
      "connect", "--quit-on-eof", "127.0.0.1:\(try await peer.printedPort())")
    #expect(try await client.finished() == Finished(.exit(0), output: "bye"))
    peer.send("done\n")
    #expect(try await peer.finished().ending == .exit(0))
  }

  @Test func `--send-only discards what arrives and ends once all is acknowledged`() async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.sendall(bytes(1 << 20))
      say(hashlib.sha256(received(connection)).hexdigest())
      told("done")
      """)
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 4, to: "file")
    let client = try await sockkit(
      "connect", "--send-only", "127.0.0.1:\(peer.printedPort())", input: .file(file))
    #expect(client == Finished(.exit(0)))
    let digest = try await directory.digests("file")[0]
    try await peer.outputLine(containing: digest)
    peer.send("done\n")
    #expect(try await peer.finished().ending == .exit(0))
  }

  @Test func `--recv-only reads no input, does not half-close, and ends when the peer has finished`()
    async throws
  {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.sendall(b"first,")
      told("go on")
      say("ended" if select.select([connection], [], [], 0)[0] else "open")
      connection.sendall(b"last\\n")
      connection.close()
      """)
    let pair = RunningProgram(
      .shell("sockkit connect --recv-only 127.0.0.1 $1; cat", ["\(try await peer.printedPort())"]),
      input: .bytes(Array("unread\n".utf8)))
    try await pair.output(ofAtLeast: 6)
    peer.send("go on\n")
    #expect(try await pair.finished() == Finished(.exit(0), output: "first,last\nunread\n"))
    #expect(try await peer.finished().text.hasSuffix("open\n"))
  }

  @Test func `a terminal for standard input does not keep it waiting when the peer ends`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      ours, theirs = terminal()
      client = subprocess.Popen(
          ["sockkit", "connect", "127.0.0.1", str(listener.getsockname()[1])], stdin=theirs, stdout=subprocess.PIPE)
      os.close(theirs)
      connection = listener.accept()[0]
      os.write(ours, b"typed\\n")
      assert connection.recv(6, socket.MSG_WAITALL) == b"typed\\n"
      connection.sendall(b"bye")
      connection.close()
      say(client.stdout.read().decode(), client.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "bye 0\n"))
  }

  @Test func `a terminal for standard output stays open, and sending goes on`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      ours, theirs = terminal()
      client = subprocess.Popen(
          ["sockkit", "connect", "--trace", "127.0.0.1", str(listener.getsockname()[1])],
          stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.PIPE)
      os.close(theirs)
      connection = listener.accept()[0]
      connection.sendall(b"all\\n")
      connection.shutdown(socket.SHUT_WR)
      assert os.read(ours, 10) == b"all\\n"
      trace = b""
      while b"TCP_KEEPINTVL" not in trace:
          trace += os.read(client.stderr.fileno(), 1 << 16)
      client.stdin.write(b"more")
      client.stdin.close()
      say(received(connection), b"close(1)" in trace)
      connection.close()
      client.stderr.read()
      say(client.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "b'more' False\n0\n"))
  }

  @Test func `a Unix peer that is gone ends it at once, though standard input is silent`() async throws {
    let directory = try TemporaryDirectory()
    let peer = try RunningProgram.python(
      """
      listener = socket.socket(socket.AF_UNIX)
      listener.bind(arguments[0])
      listener.listen()
      say("ready")
      connection = listener.accept()[0]
      connection.sendall(b"bye")
      """, directory.file("socket"))
    try await peer.outputLine(containing: "ready")
    let client = RunningProgram.sockkit("connect", "unix:" + directory.file("socket"))
    #expect(try await client.finished() == Finished(.exit(0), output: "bye"))
  }
}
