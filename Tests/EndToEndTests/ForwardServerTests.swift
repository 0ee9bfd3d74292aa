// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `forward` as a server: which clients may connect, how fast, what is logged, and how it ends.
@Suite(.takingTurns)
struct ForwardServerTests {
  @Test func `everything is told of, in words`() async throws {
    try await forwarding(
      """
      forward = Forward("--stats")
      client, served = forward.pair()
      name, own = ("127.0.0.1:%d" % side.getsockname()[1] for side in (client, forward.listener))
      local = "127.0.0.1:%d" % served.getpeername()[1]
      send_all(client, b"abc")
      assert received(served) == b"abc"
      send_all(served, b"xy")
      assert received(client) == b"xy"
      forward.line("closed ")
      lines = [line for line in forward.stop() if "sandbox: " not in line]
      assert lines[:3] == [
          f"sockkit: listening on {forward.place} (tcp)",
          f"sockkit: accepted {name} on {forward.place} (tcp)",
          f"sockkit: connected {name} to {own} from {local} (tcp)"], lines
      assert lines[3].startswith(f"sockkit: closed {name}: sent 2 bytes, received 3 bytes in "), lines
      assert lines[4].startswith(f"sockkit: {name}: 3 bytes ("), lines
      assert lines[5].startswith("sockkit: 1 connection: 3 bytes ("), lines
      assert "to the target, 2 bytes (" in lines[4] and "to the target, 2 bytes (" in lines[5], lines
      assert len(lines) == 6, lines
      """)
  }

  @Test func `everything is told of, in JSON`() async throws {
    try await forwarding(
      """
      forward = subprocess.Popen(["sockkit", "forward", "--log-format", "json", "--stats", "--json", "127.0.0.1:0",
                                  "127.0.0.1:9"], stderr=subprocess.PIPE, text=True)
      record = lambda: json.loads(forward.stderr.readline())
      listening, sandboxed = record(), record()
      assert sandboxed["event"] == "sandboxed", sandboxed
      try:
          assert is_reset(connected(listening["local"]["port"]))
      except ConnectionResetError:
          pass
      accepted, failed, closed, one = (record() for _ in range(4))
      name = accepted["remote"]
      forward.terminate()
      all = record()
      assert forward.wait(20) == 0 and forward.stderr.read() == ""
      assert accepted["event"] == "accepted" and name["address"] == "127.0.0.1", accepted
      assert failed["event"] == "connectFailed" and failed["client"] == name and failed["status"] == 69, failed
      assert failed["message"] == "connect to 127.0.0.1:9: Connection refused", failed
      assert closed["event"] == "closed" and closed["sentBytes"] == closed["receivedBytes"] == 0, closed
      assert one["client"] == name and one["toTarget"]["bytes"] == 0, one
      assert all["connections"] == 1 and all["failed"] == 1 and all["toClient"] == one["toClient"], all
      """)
  }

  @Test(arguments: ["client", "target"])
  func `--rate holds each direction of each connection back, and no other`(sender: String) async throws {
    try await forwarding(
      """
      forward = Forward("--rate", "100K")
      pairs = [forward.pair() for _ in range(3)]
      data = os.urandom(80 << 10)
      def send(pair, index):
          first, second = pair if arguments[0] == "client" else reversed(pair)
          if index == 2:
              first, second = second, first
          begin = time.monotonic()
          first.sendall(data)
          assert exactly(second, len(data)) == data
          return time.monotonic() - begin
      times = together(*(lambda pair=pair, index=index: send(pair, index) for index, pair in enumerate(pairs)))
      # A fifth of a second is for nothing at the beginning.
      assert all(0.55 < time < 2 for time in times), times
      client, served = pairs[0]
      begin = time.monotonic()
      for _ in range(10):
          client.sendall(b"ping")
          exactly(served, 4)
      assert time.monotonic() - begin < 0.5
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """, sender)
  }

  @Test func `--rate may be a byte a second`() async throws {
    try await forwarding(
      """
      forward = Forward("--rate", "2")
      client, served = forward.pair()
      begin = time.monotonic()
      client.sendall(b"abcd")
      assert exactly(served, 4) == b"abcd"
      assert 1.4 < time.monotonic() - begin < 4
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test func `a pause that --rate makes is no idleness`() async throws {
    try await forwarding(
      """
      forward = Forward("--rate", "2", "-i", "300ms")
      client, served = forward.pair()
      send_all(client, b"abcd")
      assert received(served) == b"abcd"
      send_all(served, b"x")
      assert received(client) == b"x"
      forward.stop()
      """)
  }

  @Test func `--deny wins over --allow, and who is refused does not reach the target`() async throws {
    try await forwarding(
      """
      forward = Forward("--allow", "127.0.0.0/8", "--deny", "127.0.0.1")
      client = forward.connect()
      try:
          assert client.recv(1) == b""
      except ConnectionResetError:
          pass
      forward.line("refused 127.0.0.1:")
      client = socket.create_connection(("127.0.0.1", int(forward.place.split(":")[1])), source_address=("127.0.0.2", 0))
      served = forward.listener.accept()[0]
      send_all(client, b"x")
      assert received(served) == b"x"
      assert not select.select([forward.listener], [], [], 0)[0]
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test(arguments: ["1", "3"])
  func `no more than -m are connected, by all workers together, and the others wait`(workers: String)
    async throws
  {
    try await forwarding(
      """
      forward = Forward("-m", "2", "--workers", arguments[0])
      clients = [forward.connect() for _ in range(3)]
      served = [forward.listener.accept()[0] for _ in range(2)]
      assert not select.select([forward.listener], [], [], 0.3)[0]
      served.pop().close()
      for client in clients:
          client.shutdown(socket.SHUT_WR)
      forward.listener.accept()
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """, workers)
  }

  @Test func `--workers share the port and what there is to do`() async throws {
    try await forwarding(
      """
      forward = Forward("--workers", "2", "--stats")
      pairs = []
      for _ in range(50):
          client = forward.connect()
          client.sendall(b"x")
          served = forward.listener.accept()[0]
          assert exactly(served, 1) == b"x"
          pairs.append((client, served))
      for client, served in pairs:
          client.close()
          served.close()
      forward.line("closed ", 50)
      assert "50 connections: 50 bytes (" in forward.stop()[-1]
      """)
  }

  @Test func `a stop leaves those who are connected their time, and ends when they have finished`()
    async throws
  {
    try await forwarding(
      """
      forward = Forward("--grace", "1m")
      client, served = forward.pair()
      forward.listener.close()
      forward.process.terminate()
      def refused():
          try:
              forward.connect().close()
              return False
          except (ConnectionRefusedError, ConnectionResetError):
              return True
      eventually(refused)
      client.sendall(b"x" * 100000)
      client.shutdown(socket.SHUT_WR)
      assert len(received(served)) == 100000
      served.close()
      assert forward.process.wait(20) == 0
      """)
  }

  @Test(arguments: ["300ms", "1h"])
  func `who has not finished when the grace is over, or at a second signal, sees a reset`(grace: String)
    async throws
  {
    try await forwarding(
      """
      forward = Forward("--grace", arguments[0])
      client, served = forward.pair()
      client.sendall(b"x")
      exactly(served, 1)
      lines = forward.stop(*[signal.SIGINT, signal.SIGTERM][: 1 if arguments[0] == "300ms" else 2])
      assert is_reset(client) and is_reset(served)
      assert any("--grace" in line for line in lines), lines
      """, grace)
  }

  @Test func `socket options are set on both sides, and -v says what the kernel made of them`() async throws {
    try await forwarding(
      """
      forward = Forward("--receive-buffer", "100000", "--keepalive", "7s", "--no-delay", "--trace")
      forward.line("receive-buffer is 200000")
      forward.line("keepalive is 7")
      forward.line("no-delay is on")
      forward.pair()
      forward.line("connected ")
      asked = [line for line in forward.lines if line.startswith("setsockopt(") and "SO_RCVBUF, 100000" in line]
      assert len(asked) == 2, forward.lines
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test func `options for TCP are for the one side that has it`() async throws {
    let directory = try TemporaryDirectory()
    try await forwarding(
      """
      forward = Forward("--ttl", "9", "-s", "127.0.0.5", place=f"unix:{arguments[0]}/place")
      client, served = forward.pair()
      assert served.getpeername()[0] == "127.0.0.5"
      client.close()
      assert received(served) == b""
      served.close()
      forward.stop()
      assert not os.path.exists(arguments[0] + "/place")
      """, directory.path)
  }

  @Test(arguments: [
    (["80", "81"], "'81' has no host: expected HOST:PORT, HOST PORT, unix:PATH or vsock:CID:PORT"),
    (
      ["5000", "localhost"],
      "'localhost' has no port: expected HOST:PORT, HOST PORT, unix:PATH or vsock:CID:PORT"
    ),
    (
      ["127.0.0.1", "5000", "localhost"],
      "'localhost' has no port: expected HOST:PORT, HOST PORT, unix:PATH or vsock:CID:PORT"
    ),
    (["1", "h", "2", "k", "3"], "2 words too many: 'k', '3'"),
    (
      ["127.0.0.1", "h:1"],
      "'127.0.0.1' is an address without a port: expected PORT, HOST PORT, HOST:PORT, unix:PATH or vsock:CID:PORT"
    ),
    (
      ["--linger", "1", "0", "h:1"],
      "unknown option '--linger' (it is an option of 'connect', 'listen', 'echo-server' and others)"
    ),
    (["--ttl", "3", "unix:/tmp/a", "unix:/tmp/b"], "--ttl does not apply to a Unix socket"),
    (["-4", "-6", "0", "h:1"], "-4 and -6 exclude each other"),
    (["-s", "::1", "0", "unix:/x"], "-s does not apply to a Unix socket"),
    (["--json", "0", "h:1"], "--json requires --stats"),
    (["--port-file", "x", "unix:/tmp/a", "h:1"], "--port-file: a Unix socket has no port"),
    (["--workers", "2", "unix:/tmp/a", "h:1"], "--workers: a Unix socket has one listener only"),
    (
      ["--workers", "\(Int.max)", "0", "h:1"],
      "invalid value '\(Int.max)' for --workers: expected a number from 1 to 1024"
    ),
    (
      ["--rate", "0", "0", "h:1"],
      "invalid value '0' for --rate: expected a size in bytes such as 4096, 64K, 1M or 2GiB, "
        + "per second and at least 1"
    ),
  ])
  func `what cannot be is refused`(arguments: [String], message: String) async throws {
    #expect(try await sockkit(["forward"] + arguments) == .usage(message, of: "forward"))
  }

  @Test(arguments: [
    "PLACE TARGET", "PLACE HOST PORT", "127.0.0.1 0 TARGET", "127.0.0.1 0 HOST PORT", "0 HOST PORT",
  ])
  func `both addresses are one word or two`(words: String) async throws {
    try await forwarding(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      port = str(listener.getsockname()[1])
      meanings = {"PLACE": "127.0.0.1:0", "TARGET": "127.0.0.1:" + port, "HOST": "localhost", "PORT": port}
      words = [meanings.get(word, word) for word in arguments[0].split()]
      forward = Logged("sockkit", "forward", "-4", "-v", *words)
      client = forward.connect()
      served = listener.accept()[0]
      send_all(client, b"x")
      assert received(served) == b"x"
      served.close()
      assert received(client) == b""
      forward.stop()
      """, words)
  }

  @Test func `what is wrong with the target whoever comes is said at the start`() async throws {
    #expect(
      try await sockkit("forward", "-n", "0", "host:1")
        == Finished(
          .exit(68),
          errors: "sockkit: look up host: not a numeric address, and name look-ups are turned off\n"))
    #expect(
      try await sockkit("forward", "0", "host:nosuchservice")
        == Finished(.exit(68), errors: "sockkit: look up service nosuchservice: unknown service\n"))
    let path = "unix:/" + String(repeating: "x", count: 200)
    #expect(
      try await sockkit("forward", "0", path)
        == Finished(
          .exit(64),
          errors: "sockkit: connect to \(path): longer than 107 bytes, the limit for a Unix socket path\n"
        ))
    #expect(
      try await sockkit("forward", "-s", "127.0.0.1", "0", "[::1]:9")
        == Finished(
          .exit(68), errors: "sockkit: connect to [::1]:9 from 127.0.0.1: 127.0.0.1 is IPv4, ::1 is IPv6\n"))
  }

  @Test func `what would be forwarded to itself for ever is refused`() async throws {
    let directory = try TemporaryDirectory()
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      port = listener.getsockname()[1]
      listener.close()
      path = f"unix:{arguments[0]}/socket"
      for place, target in [(f"127.0.0.1:{port}",) * 2, (f"{port}", f"127.0.0.1:{port}"), (path, path)]:
          end = subprocess.run(["sockkit", "forward", place, target], stderr=subprocess.PIPE, text=True, timeout=15)
          assert end.returncode == 64, end
          assert end.stderr == f"sockkit: {target} cannot be both the listening address and the target\\n", end
      """, directory.path)
    #expect(result == Finished(.exit(0)))
  }
}
