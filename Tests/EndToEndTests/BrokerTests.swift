// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// `listen --broker`, with and without `--chat`.
@Suite(.takingTurns)
struct BrokerTests {
  /// Python words for clients that are known to be connected.
  private static let words = """
    def sockets():
        return sum(os.readlink(f"/proc/{server}/fd/{name}").startswith("socket:")
                   for name in os.listdir(f"/proc/{server}/fd"))

    def joined(count):
        clients = [connected(port) for _ in range(count)]
        while sockets() < count + 1: time.sleep(0.01)
        return clients

    def exactly(client, count):
        parts = b""
        while len(parts) < count:
            part = client.recv(count - len(parts))
            assert part, parts
            parts += part
        return parts


    """

  @Test func `what one sends all others get, to the byte, and the sender does not`() async throws {
    let server = KeepOpenTests.start("--broker")
    try await KeepOpenTests.clients(
      of: server,
      Self.words + """
        clients = joined(4)
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
        """)
    #expect(try await KeepOpenTests.stopped(server).text == "")
  }

  @Test func `--broker alone serves many, and standard input goes to all`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--broker", "127.0.0.1:0", input: .pipe)
    server.send("from here\n")
    try await KeepOpenTests.clients(
      of: server,
      Self.words + """
        first = connected(port)
        assert exactly(first, 10) == b"from here\\n"
        second = connected(port)
        second.sendall(b"x")
        assert exactly(first, 1) == b"x"
        """)
    server.closeInput()
    let end = try await KeepOpenTests.stopped(server)
    #expect(end.text == "")
  }

  @Test func `in a chat each line says whose it is, and moves no cursor`() async throws {
    let server = KeepOpenTests.start("--broker", "--chat", input: .pipe)
    server.send("welcome\nall")
    server.closeInput()
    try await KeepOpenTests.clients(
      of: server,
      Self.words + """
        says = connected(port)
        name = b"[127.0.0.1:%d] " % says.getsockname()[1]
        expected = b"[server] welcome\\n[server] all\\n"
        assert exactly(says, len(expected)) == expected
        hears = connected(port)
        while sockets() < 3: time.sleep(0.01)
        lines = hears.makefile("rb")
        for piece in [b"hel", b"lo\\r\\n\\x1b[2J\\xff\\n", b"\\xe2\\x80", b"\\xae\\n", b"last"]:
            says.sendall(piece)
        says.shutdown(socket.SHUT_WR)
        got = [lines.readline() for _ in range(4)]
        assert got == [name + b"hello\\n", name + b"\\\\x1b[2J\\\\xff\\n", name + b"\\\\u{202e}\\n",
                       name + b"last\\n"], got
        """)
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `a client that reads nothing holds a pair up, but is let go of where others wait`() async throws
  {
    let server = KeepOpenTests.start("--broker")
    try await KeepOpenTests.clients(
      of: server,
      Self.words + """
        says, stuck, hears = joined(3)
        text = b"x" * (24 << 20)
        writer = threading.Thread(target=says.sendall, args=(text,))
        writer.start()
        assert len(exactly(hears, len(text))) == len(text)
        writer.join()
        (line,) = [line for line in open(f"/proc/{server}/status") if line.startswith("VmRSS")]
        assert int(line.split()[1]) < 60 << 10, line
        try:
            while stuck.recv(1 << 20): pass
            raise AssertionError("an end in order")
        except ConnectionResetError:
            pass
        """)
    let end = try await KeepOpenTests.stopped(server)
    #expect(end.errors.contains("it read nothing for 5 s while others waited"), "\(end)")
  }

  @Test func `a client that resets takes nobody with it`() async throws {
    let server = KeepOpenTests.start("--broker")
    try await KeepOpenTests.clients(
      of: server,
      Self.words + """
        first, second, third = joined(3)
        reset(second)
        for _ in range(100):
            first.sendall(b"x" * 1000)
        assert exactly(third, 100000) == b"x" * 100000
        """)
    _ = try await KeepOpenTests.stopped(server)
  }
}
