// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct BrokenConnectionTests {
  @Test func `a reset is status 74, and what arrived before it is written out`() async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.sendall(b"partial")
      told("reset")
      reset(connection)
      """)
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await peer.printedPort())")
    try await client.output(ofAtLeast: 7)
    peer.send("reset\n")
    let expected = Finished(
      .exit(74), output: "partial", errors: "sockkit: receive from 127.0.0.1:PORT: Connection reset by peer\n"
    )
    #expect(try await client.finished().generalized == expected)
  }

  @Test(arguments: ["> $2", "| cat > $2"], [5, 16 << 20])
  func `urgent data neither ends a stream nor stops it`(output: String, count: Int) async throws {
    let directory = try TemporaryDirectory()
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.sendall(b"before ")
      connection.send(b"!", socket.MSG_OOB)
      # A few bytes have their end with them; of many some have to be read before.
      connection.sendall(b"x" * \(count))
      connection.close()
      """)
    let result = try await shell(
      "sockkit connect --recv-only 127.0.0.1 $1 \(output)", "\(peer.printedPort())", directory.file("out"))
    #expect(result == Finished(.exit(0)))
    let received = try directory.read("out")
    #expect(received == Array("before ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: count))
  }

  @Test func `listen tells of a reset like connect`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0")
    let client = try await python("reset(connected(arguments[0]))", "\(server.announcedPort())")
    #expect(client.ending == .exit(0), "\(client)")
    let end = try await server.finished().generalized
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errorLines.last == "sockkit: receive from 127.0.0.1:PORT: Connection reset by peer")
  }

  @Test(arguments: ["", "--send-only", "--recv-only", "--no-shutdown"])
  func `a reset in the middle of a transfer is status 74`(flag: String) async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.settimeout(None)
      def write():
          try:
              while True:
                  connection.sendall(bytes(1 << 16))
          except OSError:
              pass
      threading.Thread(target=write, daemon=True).start()
      if "--recv-only" not in arguments:
          connection.recv(1 << 20, socket.MSG_WAITALL)
      told("reset")
      connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
      os._exit(0)
      """, flag)
    let port = try await peer.printedPort()
    let arguments = ["connect", "-v", "127.0.0.1:\(port)"] + [flag].filter { !$0.isEmpty }
    let client = RunningProgram(.sockkit(arguments), input: .file("/dev/zero"), output: .file("/dev/null"))
    try await client.errorLine(containing: "connected to")
    peer.send("reset\n")
    let end = try await client.finished().generalized
    #expect(end.ending == .exit(74), "\(end)")
    #expect(
      end.errors.hasSuffix(": Connection reset by peer\n") || end.errors.hasSuffix(": Broken pipe\n"),
      "\(end)")
  }

  @Test func `bytes that a vanished peer did not take are status 74`() async throws {
    let peer = try RunningProgram.python("connection = accepted(); connection.recv(4, socket.MSG_WAITALL)")
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await peer.printedPort())")
    client.send("one,")
    await client.outputEnd()
    #expect(try await peer.finished().ending == .exit(0))
    client.send("two")
    let end = try await client.finished().generalized
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errorLines.count == 1)
    #expect(end.errors.hasPrefix("sockkit: send to 127.0.0.1:PORT: "), "\(end)")
  }

  @Test func `a vanished peer that took everything is status 0`() async throws {
    let peer = try RunningProgram.python("connection = accepted(); connection.recv(4, socket.MSG_WAITALL)")
    let client = RunningProgram.sockkit("connect", "127.0.0.1:\(try await peer.printedPort())")
    client.send("one,")
    await client.outputEnd()
    #expect(try await peer.finished().ending == .exit(0))
    #expect(try await client.finish() == Finished(.exit(0)))
  }

  @Test func `a Unix peer that vanishes with bytes unread is status 74`() async throws {
    let result = try await python(
      """
      near, far = "@" + str(os.getpid()), "\\0" + str(os.getpid())
      listener = socket.socket(socket.AF_UNIX)
      listener.bind(far)
      listener.listen()
      client = subprocess.Popen(["sockkit", "connect", "unix:" + near], stdin=subprocess.PIPE)
      connection = listener.accept()[0]
      client.stdin.write(b"lost")
      client.stdin.flush()
      select.select([connection], [], [])
      connection.close()
      say(client.wait(20))
      """)
    #expect(result.text == "74\n", "\(result)")
  }

  @Test func `what a peer that has half-closed and left did not confirm is lost, and said to be`()
    async throws
  {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0")
    let client = try RunningProgram.python(
      """
      client = connected(arguments[0])
      client.shutdown(socket.SHUT_WR)
      assert client.recv(100) == b"first"
      client.close()
      say("gone")
      """, "\(try await server.announcedPort())")
    server.send("first")
    try await client.outputLine(containing: "gone")
    // Accepted by this system, and refused by the peer's.
    server.send("second")
    let end = try await server.finished()
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errorLines.last?.hasSuffix(": Broken pipe") == true, "\(end)")
  }
}
