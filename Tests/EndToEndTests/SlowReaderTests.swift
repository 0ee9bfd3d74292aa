// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The idle time-out when the kernel buffers more than a slow peer reads within it.
@Suite(.takingTurns)
struct SlowReaderTests {
  private static let words =
    logWords + """
      size = 8 << 20
      path = arguments[0]
      with open(path, "wb") as file:
          file.write(os.urandom(size))

      def slowly(connection):
          "Takes everything within about three seconds, a little at a time; how many bytes came before the end."
          count = 0
          while part := connection.recv(size // 60):
              count += len(part)
              # The pace of the reader, which is what is tested.
              time.sleep(0.05)
          return count

      def narrow():
          "A socket whose kernel takes little at a time."
          result = socket.socket()
          result.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
          return result

      def narrow_listener():
          listener = narrow()
          listener.bind(("127.0.0.1", 0))
          listener.listen()
          return listener


      """

  @Test func `a client that is held up costs no processor time`() async throws {
    let result = try await RunningProgram(
      .python(
        logWords + """
          reading, writing = os.pipe()
          server = Logged("sockkit", "listen", "-k", "-v", "-i", "200ms", "127.0.0.1:0", stdout=writing)
          client = server.connect()
          waiting = select.poll()
          waiting.register(client, select.POLLOUT)
          client.setblocking(False)
          while waiting.poll(1000):
              client.send(b"line\\n" * 10000)
          ticks = lambda: sum(map(int, open(f"/proc/{server.pid}/stat").read().rsplit(") ")[1].split()[11:13]))
          before = ticks()
          # It is not idle, and nothing happens to it.
          waiting.modify(client, 0)
          assert not waiting.poll(1500)
          assert ticks() - before < os.sysconf("SC_CLK_TCK") / 4, (before, ticks())
          server.process.kill()
          """), input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `connect is not idle while the peer takes what was sent`() async throws {
    let directory = try TemporaryDirectory()
    let end = try await python(
      Self.words + """
        listener = narrow_listener()
        with open(path, "rb") as file:
            client = subprocess.Popen(
                ["sockkit", "connect", "-i", "500ms", "127.0.0.1", str(listener.getsockname()[1])], stdin=file)
        connection = listener.accept()[0]
        assert slowly(connection) == size
        connection.close()
        assert client.wait(20) == 0
        """, directory.file("big"))
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test(arguments: [
    ["listen", "-vk", "--reply-file", "FILE"], ["http-server", "-v", "--file", "FILE", "--model", "event"],
    ["http-server", "-v", "--file", "FILE", "--model", "thread"],
    ["http-server", "-v", "--file", "FILE", "--model", "fork"],
  ])
  func `a server's client is not idle while it takes what was sent`(server: [String]) async throws {
    let directory = try TemporaryDirectory()
    let end = try await RunningProgram(
      .python(
        Self.words + """
          server = Logged("sockkit", *[path if word == "FILE" else word for word in arguments[1:]], "-i", "500ms",
                          "127.0.0.1:0", stdin=subprocess.DEVNULL)
          client = narrow()
          client.connect(("127.0.0.1", int(server.place.rpartition(":")[2])))
          client.sendall(b"GET / HTTP/1.1\\r\\nHost: here\\r\\nConnection: close\\r\\n\\r\\n")
          if arguments[1] == "listen":
              client.shutdown(socket.SHUT_WR)
          count = slowly(client)
          assert count >= size, (count, server.lines)
          server.stop()
          """, [directory.file("big")] + server)
    ).finished()
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test func `a forwarded connection is not idle while either side takes what was sent`() async throws {
    let directory = try TemporaryDirectory()
    let end = try await python(
      Self.words + """
        listener = narrow_listener()
        forward = Logged("sockkit", "forward", "-v", "-i", "500ms", "127.0.0.1:0",
                         "127.0.0.1:%d" % listener.getsockname()[1], stdin=subprocess.DEVNULL)
        client = connected(forward.place.rpartition(":")[2])
        target = listener.accept()[0]
        with open(path, "rb") as file:
            data = file.read()
        sender = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
        sender.start()
        count = slowly(target)
        assert count == size, (count, forward.lines)
        target.close()
        assert received(client) == b""
        forward.stop()
        """, directory.file("big"))
    #expect(end.ending == .exit(0), "\(end)")
  }

  @Test(arguments: [[], ["--rate", "100M"]])
  func `a peer that takes nothing is idle all the same`(flags: [String]) async throws {
    let end = try await RunningProgram(
      .python(
        """
        listener = socket.create_server(("127.0.0.1", 0))
        client = subprocess.Popen(
            ["sockkit", "connect", "-i", "300ms", *arguments, "127.0.0.1", str(listener.getsockname()[1])],
            stdin=open("/dev/zero", "rb"), stderr=subprocess.PIPE)
        connection = listener.accept()[0]
        assert client.wait(20) == 75
        assert b"without a byte in either direction" in client.stderr.read()
        """, flags)
    ).finished()
    #expect(end.ending == .exit(0), "\(end)")
  }
}
