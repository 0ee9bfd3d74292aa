// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `listen --broker`, with and without `--chat`.
@Suite(.takingTurns)
struct BrokerTests {
  private static let words =
    logWords + """
      class Broker(Logged):
          def __init__(self, *flags, **streams):
              super().__init__("sockkit", "listen", "-v", "--broker", *flags, "127.0.0.1:0",
                               stdout=subprocess.PIPE, **streams)

          def join(self):
              "A client that is known to be connected."
              client = connected(self.place.rpartition(":")[2])
              self.line("accepted 127.0.0.1:%d on " % client.getsockname()[1])
              return client

          def stop(self):
              "Ends it; what it wrote, which does not go to standard output."
              lines = super().stop()
              assert self.process.stdout.read() == ""
              return lines


      """

  /// Runs a script with functions for a broker and its clients; fails unless it succeeds.
  private static func run(_ script: String, at location: SourceLocation = #_sourceLocation) async throws {
    let end = try await python(words + script)
    #expect(end.ending == .exit(0), "\(end)", sourceLocation: location)
  }

  @Test func `--quit-on-eof ends a client in order that has finished and got all`() async throws {
    try await Self.run(
      """
      broker = Broker("-k", "--quit-on-eof")
      first, second = broker.join(), broker.join()
      second.sendall(b"hello")
      assert exactly(first, 5) == b"hello"
      first.shutdown(socket.SHUT_WR)
      assert received(first) == b""
      second.shutdown(socket.SHUT_WR)
      assert received(second) == b""
      broker.stop()
      """)
  }

  @Test func `what one sends all others get, to the byte, and the sender does not`() async throws {
    try await Self.run(
      """
      broker = Broker("-k")
      clients = [broker.join() for _ in range(4)]
      text = os.urandom(4 << 20)
      got = {}
      def read(client):
          got[client] = exactly(client, len(text))
      readers = [threading.Thread(target=read, args=(client,)) for client in clients[1:]]
      for reader in readers: reader.start()
      clients[0].sendall(text)
      for reader in readers: reader.join()
      assert all(got[client] == text for client in clients[1:])
      clients[1].sendall(b"back")
      for client in [clients[0]] + clients[2:]:
          assert exactly(client, 4) == b"back"
      clients[0].shutdown(socket.SHUT_WR)
      assert clients[0].recv(1) == b""
      clients[2].sendall(b"on")
      assert exactly(clients[3], 2) == b"on"
      broker.stop()
      """)
  }

  @Test func `--broker alone serves many, and standard input goes to all`() async throws {
    try await Self.run(
      """
      broker = Broker(stdin=subprocess.PIPE)
      broker.process.stdin.write("from here\\n")
      broker.process.stdin.flush()
      first = broker.join()
      assert exactly(first, 10) == b"from here\\n"
      second = broker.join()
      second.sendall(b"x")
      assert exactly(first, 1) == b"x"
      broker.process.stdin.close()
      broker.stop()
      """)
  }

  @Test func `in a chat each line says whose it is, and moves no cursor`() async throws {
    try await Self.run(
      """
      broker = Broker("-k", "--chat", stdin=subprocess.PIPE)
      broker.process.stdin.write("welcome\\nall")
      broker.process.stdin.close()
      says = broker.join()
      name = b"[127.0.0.1:%d] " % says.getsockname()[1]
      expected = b"[server] welcome\\n[server] all\\n"
      assert exactly(says, len(expected)) == expected
      lines = broker.join().makefile("rb")
      for piece in [b"hel", b"lo\\r\\n\\x1b[2J\\xff\\n", b"\\xe2\\x80", b"\\xae\\n", b"last"]:
          says.sendall(piece)
      says.shutdown(socket.SHUT_WR)
      got = [lines.readline() for _ in range(4)]
      assert got == [name + b"hello\\n", name + b"\\\\x1b[2J\\\\xff\\n", name + b"\\\\u{202e}\\n",
                     name + b"last\\n"], got
      broker.stop()
      """)
  }

  @Test func `in a chat a message without a newline is passed on, and it is said who leaves and how`()
    async throws
  {
    try await Self.run(
      """
      broker = Broker("--chat")
      says, hears, resets = [broker.join() for _ in range(3)]
      name = b"[127.0.0.1:%d] " % says.getsockname()[1]
      lines = hears.makefile("rb")
      for message in b"Hallo", b"Welt":
          says.sendall(message)
          got = lines.readline()
          assert got == name + message + b"\\n", got
      broker.expected = ["127.0.0.1:%d" % client.getsockname()[1] for client in (says, resets)]
      says.close()
      broker.line("sockkit: %s has left: it closed the connection" % broker.expected[0])
      reset(resets)
      broker.line("sockkit: receive from %s: Connection reset by peer" % broker.expected[1])
      broker.stop()
      """)
  }

  @Test func `a client that reads nothing holds a pair up, but is reset where others wait`() async throws {
    try await Self.run(
      """
      broker = Broker("-k")
      says, stuck, hears = [broker.join() for _ in range(3)]
      text = b"x" * (24 << 20)
      writer = threading.Thread(target=says.sendall, args=(text,))
      writer.start()
      assert len(exactly(hears, len(text))) == len(text)
      writer.join()
      assert broker.resident() < 60 << 20, broker.resident()
      try:
          while stuck.recv(1 << 20): pass
          raise AssertionError("an end in order")
      except ConnectionResetError:
          pass
      lines = broker.stop()
      assert any("it read nothing for 5 s while others waited" in line for line in lines), lines
      """)
  }

  @Test func `a client that resets takes nobody with it`() async throws {
    try await Self.run(
      """
      broker = Broker("-k")
      first, second, third = [broker.join() for _ in range(3)]
      reset(second)
      for _ in range(100):
          first.sendall(b"x" * 1000)
      assert exactly(third, 100000) == b"x" * 100000
      broker.stop()
      """)
  }
}
