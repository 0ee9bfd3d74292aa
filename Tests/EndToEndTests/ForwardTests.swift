// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// The data path of `forward`: bytes, ends and resets.
@Suite(.takingTurns)
struct ForwardTests {
  @Test(arguments: ["tcp", "unix"], ["tcp", "unix"])
  func `64 MiB go each way at the same time, unchanged`(from: String, to: String) async throws {
    let directory = try TemporaryDirectory()
    try await forwarding(
      """
      listener = unix_listener(arguments[2] + "/target") if arguments[1] == "unix" else None
      place = f"unix:{arguments[2]}/place" if arguments[0] == "unix" else "127.0.0.1:0"
      forward = Forward(listener=listener, place=place)
      client, served = forward.pair()
      there, back = os.urandom(64 << 20), os.urandom(64 << 20)
      results = together(lambda: send_all(client, there), lambda: send_all(served, back),
                         lambda: received(served) == there, lambda: received(client) == back)
      assert results[2:] == [True, True], results
      forward.line(f"sent {64 << 20} bytes, received {64 << 20} bytes in ")
      forward.stop()
      """, from, to, directory.path)
  }

  @Test(arguments: 1...3, [false, true])
  func `calls that move less than they could lose nothing`(seed: Int, refusesSplice: Bool) async throws {
    let prefix = try await ShortTransfers.prefix(seed: seed, refusesSplice: refusesSplice)
    try await forwarding(
      """
      # That the kernel refuses to splice is learnt once by each.
      for _ in range(8):
          forward = Forward(prefix=arguments[0].split() + ["sockkit"])
          client, served = forward.pair()
          there, back = os.urandom(1 << 20), os.urandom(1 << 20)
          results = together(lambda: send_all(client, there), lambda: send_all(served, back),
                             lambda: received(served) == there, lambda: received(client) == back)
          assert results[2:] == [True, True], results
          forward.stop()
      """, prefix.joined(separator: " "))
  }

  @Test func `what was sent before a reset arrives at the rate that was asked for`() async throws {
    try await forwarding(
      """
      forward = Forward("--rate", "5K")
      client, served = forward.pair()
      data = os.urandom(40 << 10)
      client.sendall(data)
      # A reset takes back what has not been acknowledged.
      eventually(lambda: not any(fcntl.ioctl(client, termios.TIOCOUTQ, bytes(4))))
      reset(client)
      assert exactly(served, len(data)) == data
      assert is_reset(served)
      forward.stop()
      """)
  }

  @Test(arguments: ["1", "2"])
  func `what a second signal cuts short ends with a reset`(workers: String) async throws {
    try await forwarding(
      """
      forward = Forward("--workers", arguments[0])
      client, served = forward.pair()
      served.sendall(b"half")
      assert exactly(client, 4) == b"half"
      def is_closed():
          try:
              forward.connect().close()
          except ConnectionError:
              return True
      os.kill(forward.pid, signal.SIGTERM)
      eventually(is_closed)
      forward.stop(signal.SIGTERM)
      assert is_reset(client) and is_reset(served)
      """, workers)
  }

  @Test func `urgent data in a stream is no end of it`() async throws {
    try await forwarding(
      """
      forward = Forward()
      for _ in range(5):
          client, served = forward.pair()
          data = os.urandom(4 << 20)
          def send():
              client.sendall(data)
              client.send(b"!", socket.MSG_OOB)
              client.sendall(b"tail")
              client.shutdown(socket.SHUT_WR)
          results = together(send, lambda: received(served) == data + b"tail")
          assert results[1], results
          served.close()
          assert received(client) == b""
      forward.stop()
      """)
  }

  @Test func `the answer of a Unix socket that did not read everything arrives whole`() async throws {
    let directory = try TemporaryDirectory()
    try await forwarding(
      """
      forward = Forward(listener=unix_listener(arguments[0] + "/target"))
      client, served = forward.pair()
      client.setblocking(False)
      answer = os.urandom(2 << 20)
      def serve():
          served.sendall(answer)
          served.close()
      def ask():
          parts, sending = [], [client]
          try:
              while True:
                  readable, writable, _ = select.select([client], sending, [], 20)
                  if writable:
                      try:
                          client.send(bytes(1 << 16))
                      except BlockingIOError:
                          pass
                      except (BrokenPipeError, ConnectionResetError):
                          # What has arrived before is still to be read.
                          sending = []
                  if readable:
                      part = client.recv(4 << 10)
                      if not part:
                          break
                      parts.append(part)
          except (BrokenPipeError, ConnectionResetError):
              pass
          return b"".join(parts)
      results = together(serve, ask)
      assert results[1] == answer, len(results[1])
      forward.stop()
      """, directory.path)
  }

  @Test(arguments: ["client", "target"])
  func `one side may finish long before the other`(first: String) async throws {
    try await forwarding(
      """
      forward = Forward()
      sides = forward.pair()
      first, second = sides if arguments[0] == "client" else reversed(sides)
      first.sendall(b"question")
      first.shutdown(socket.SHUT_WR)
      assert received(second) == b"question"
      for part in b"an", b"swer":
          second.sendall(part)
          assert exactly(first, len(part)) == part
      second.close()
      assert received(first) == b""
      forward.line("closed ")
      lines = forward.stop()
      assert "receive" not in lines[2] and "Connection reset" not in "".join(lines), lines
      """, first)
  }

  @Test(arguments: ["client", "target"])
  func `a reset is passed on as a reset, after what came before it`(first: String) async throws {
    try await forwarding(
      """
      forward = Forward()
      for size in 0, 5, 200000:
          sides = forward.pair()
          first, second = sides if arguments[0] == "client" else reversed(sides)
          together(lambda: first.sendall(b"x" * size), lambda: exactly(second, size))
          reset(first)
          assert is_reset(second)
      lines = forward.stop()
      assert sum("Connection reset by peer" in line for line in lines) == 3, lines
      assert sum("closed " in line for line in lines) == 3, lines
      """, first)
  }

  @Test func `what was sent before a reset arrives, though the reader is slow`() async throws {
    try await forwarding(
      """
      forward = Forward()
      client, served = forward.pair()
      client.sendall(b"x" * 100000)
      reset(client)
      assert len(exactly(served, 100000)) == 100000
      assert is_reset(served)
      forward.stop()
      """)
  }

  @Test func `who does not accept what comes is no end for what he sends`() async throws {
    let directory = try TemporaryDirectory()
    try await forwarding(
      """
      listener = unix_listener(arguments[0] + "/target")
      forward = Forward(listener=listener)
      client, served = forward.pair()
      served.shutdown(socket.SHUT_RD)
      client.sendall(b"unwanted")
      served.sendall(b"wanted")
      assert exactly(client, 6) == b"wanted"
      served.close()
      assert is_reset(client)
      forward.stop()
      """, directory.path)
  }

  @Test func `a reader that is slow costs bounded memory, and holds nobody else up`() async throws {
    try await forwarding(
      """
      forward = Forward()
      quick, quick_served = forward.pair()
      quick.sendall(b"x")
      assert exactly(quick_served, 1) == b"x"
      before = forward.resident()
      pairs = [forward.pair() for _ in range(50)]
      for client, _ in pairs:
          client.setblocking(False)
      waits = 0
      while waits < 3:
          ready = select.select([], [client for client, _ in pairs], [], 0.1)[1]
          waits = 0 if ready else waits + 1
          for client in ready:
              client.send(b"x" * 65536)
      assert forward.resident() - before < 16 << 20, forward.resident() - before
      for _ in range(100):
          quick.sendall(b"ping")
          assert exactly(quick_served, 4) == b"ping"
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test func `one that has hung up and still has bytes on the way keeps no processor busy`() async throws {
    try await forwarding(
      """
      listener = socket.socket()
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
      listener.bind(("127.0.0.1", 0))
      listener.listen()
      forward = Forward("--receive-buffer", "2M", "--send-buffer", "8K", listener=listener)
      client, served = forward.pair()
      served.shutdown(socket.SHUT_WR)
      assert received(client) == b""
      place = "0100007F:%04X 0100007F:%04X" % (int(forward.place.split(":")[1]), client.getsockname()[1])
      data = os.urandom(300 << 10)
      client.sendall(data)
      client.close()
      # Both have finished, and most of it lies there unread.
      eventually(lambda: f"{place} 06 " in open("/proc/net/tcp").read())
      before = forward.seconds()
      assert not select.select([], [], [], 0.5)[0]
      assert forward.seconds() - before < 0.1, forward.seconds() - before
      assert received(served) == data
      forward.line("closed ")
      lines = forward.stop()
      assert "reset" not in "".join(lines), lines
      """)
  }

  @Test func `connections that are silent have no pipes`() async throws {
    try await forwarding(
      """
      forward = Forward()
      before = forward.descriptors("pipe:")
      pairs = [forward.pair() for _ in range(100)]
      for client, served in pairs:
          client.sendall(b"x")
          assert exactly(served, 1) == b"x"
      assert forward.descriptors("pipe:") == before, forward.descriptors("pipe:")
      data = os.urandom(4 << 20)
      for client, served in pairs[:40]:
          together(lambda: client.sendall(data), lambda: exactly(served, len(data)))
      assert forward.descriptors("pipe:") <= before + 4, forward.descriptors("pipe:")
      assert forward.descriptors("socket:") == 201, forward.descriptors("socket:")
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }
}
