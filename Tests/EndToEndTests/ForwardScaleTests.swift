// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `forward` with many clients, and with too few descriptors for them.
@Suite(.takingTurns)
struct ForwardScaleTests {
  private static let manyDescriptors = """
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, 2 * (resource.getrlimit(resource.RLIMIT_NOFILE)[1],))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


    """

  @Test func `a thousand connections at once carry their own bytes`() async throws {
    try await forwarding(
      Self.manyDescriptors + """
        forward = Forward("--stats")
        pairs = []
        for _ in range(1000):
            pairs.append(forward.pair())
        blocks = [os.urandom(20000) for _ in range(50)]
        for index, (client, served) in enumerate(pairs):
            client.sendall(blocks[index % 50])
            served.sendall(blocks[(index + 7) % 50])
            client.shutdown(socket.SHUT_WR)
            served.shutdown(socket.SHUT_WR)
        for index, (client, served) in enumerate(pairs):
            assert received(served) == blocks[index % 50]
            assert received(client) == blocks[(index + 7) % 50]
        forward.line("closed ", 1000)
        assert "1000 connections: 20000000 bytes" in forward.stop()[-1]
        """)
  }

  @Test func `thousands of idle connections take little memory each, and hold nobody up`() async throws {
    try await forwarding(
      Self.manyDescriptors + """
        count = min(8000, (most - 100) // 2, (most - 1000) // 2)
        forward = Forward()
        active, served = forward.pair()
        before = forward.resident()
        pairs = []
        while len(pairs) < count:
            pairs.append(forward.pair())
        each = (forward.resident() - before) / count
        assert each < 3072, each
        for pair in [(active, served), pairs[0], pairs[-1]]:
            for _ in range(100):
                pair[0].sendall(b"ping")
                assert exactly(pair[1], 4) == b"ping"
        forward.stop(signal.SIGTERM, signal.SIGTERM)
        """, limit: 90)
  }

  @Test func `where there are few descriptors the others wait`() async throws {
    try await forwarding(
      """
      echo = socket.create_server(("127.0.0.1", 0), backlog=100)
      def serve(connection):
          send_all(connection, received(connection))
          connection.close()
      def accept():
          while True:
              threading.Thread(target=serve, args=echo.accept()[:1], daemon=True).start()
      threading.Thread(target=accept, daemon=True).start()
      forward = Forward("-m", "1000", listener=echo, prefix=("prlimit", "--nofile=30", "sockkit"))
      forward.line("sockkit: --max-connections 1000 needs more descriptors than the limit allows (ulimit -n): forwarding")
      clients = [forward.connect() for _ in range(60)]
      for client in clients:
          send_all(client, b"x" * 100000)
      for client in clients:
          assert len(received(client)) == 100000
          client.close()
      lines = forward.stop()
      assert not any("Too many open files" in line for line in lines), lines
      """)
  }

  @Test func `a lack of descriptors that others have taken is told of and waited out`() async throws {
    try await forwarding(
      """
      import resource
      forward = Forward(prefix=("prlimit", "--nofile=64", "sockkit"))
      first, first_served = forward.pair()
      # As if all others had been taken: none is left but the one that the next client takes.
      used = len(os.listdir(f"/proc/{forward.pid}/fd"))
      resource.prlimit(forward.pid, resource.RLIMIT_NOFILE, (used + 1, 64))
      late = forward.connect()
      forward.line("create ipv4 socket: Too many open files")
      first.sendall(b"ping")
      assert exactly(first_served, 4) == b"ping"
      first.close()
      first_served.close()
      served = forward.listener.accept()[0]
      send_all(late, b"x")
      assert received(served) == b"x"
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }
}
