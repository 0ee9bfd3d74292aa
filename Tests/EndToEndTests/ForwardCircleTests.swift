// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// `forward` whose target leads back to it, or that runs out of descriptors for other reasons.
@Suite(.takingTurns)
struct ForwardCircleTests {
  private static let freePort = """
    def free_port():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return listener.getsockname()[1]


    """

  @Test(.onPrivateNetworks, arguments: ["1", "3"])
  func `a name that leads back to the forwarder costs its client alone`(workers: String) async throws {
    let result = try await PrivateNetwork(.none, hosts: "127.0.0.1 here\n").python(
      forwardWords + """
        forward = Forward("--workers", "\(workers)", place="7000", target="here:7000")
        for number in range(20):
            assert forward.turns_away()
        forward.line("the target here leads back to this forwarder", 20)
        # Those that listen, and that to the process which looks names up.
        eventually(lambda: forward.descriptors("socket:") == \(workers) + 1)
        lines = forward.stop()
        # A connection of its own for each client, and now and then one that another loop took before it was known.
        assert sum("accepted " in line for line in lines) <= 20 * (2 if \(workers) == 1 else 4), lines
        """)
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `a forwarder to its own place is refused at the start`() async throws {
    for words in [
      ["5000", "127.0.0.1:5000"], ["5000", "localhost:5000"], ["127.0.0.1:5000", "127.0.0.1:5000"],
    ] {
      #expect(
        try await sockkit(["forward"] + words)
          == Finished(
            .exit(64),
            errors: "sockkit: \(words[1]) cannot be both the listening address and the target\n"))
    }
  }

  @Test func `forwarders that lead to each other give up`() async throws {
    try await forwarding(
      Self.freePort + """
        first_port, second_port = free_port(), free_port()
        few = ("prlimit", "--nofile=60", "sockkit")
        first = Forward("-w", "1s", place=f"127.0.0.1:{first_port}", target=f"127.0.0.1:{second_port}", prefix=few)
        second = Forward("-w", "1s", place=f"127.0.0.1:{second_port}", target=f"127.0.0.1:{first_port}", prefix=few)
        before = first.descriptors("socket:"), second.descriptors("socket:")
        for _ in range(2):
            assert first.turns_away()
            eventually(lambda: (first.descriptors("socket:"), second.descriptors("socket:")) == before)
        lines = first.stop() + second.stop()
        assert any("too few descriptors for another connection (ulimit -n)" in line for line in lines), lines
        """)
  }

  @Test func `where descriptors are the limit, a client waits as long as -w and not longer`() async throws {
    try await forwarding(
      """
      forward = Forward("-w", "1s", prefix=("prlimit", "--nofile=30", "sockkit"))
      pairs = []
      while True:
          pairs.append([forward.connect()])
          if not select.select([forward.listener], [], [], 0.5)[0]:
              break
          pairs[-1].append(forward.listener.accept()[0])
      begin = time.monotonic()
      assert is_reset(pairs.pop()[0])
      forward.line("reset 127.0.0.1:")
      # From here on nobody waits in vain, until there is room again.
      assert forward.turns_away()
      used = forward.seconds()
      assert not select.select([], [], [], 0.5)[0]
      assert forward.seconds() - used < 0.1
      for side in pairs.pop():
          side.close()
      def pair():
          client = forward.connect()
          try:
              client.sendall(b"x")
              if select.select([forward.listener, client], [], [], 20)[0] == [forward.listener]:
                  return exactly(forward.listener.accept()[0], 1) == b"x"
          except ConnectionError:
              pass
          return False
      eventually(pair)
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test func `-m lets clients wait for as long as it takes`() async throws {
    try await forwarding(
      """
      forward = Forward("-m", "1", "-w", "300ms")
      client, served = forward.pair()
      waiting = forward.connect()
      assert not select.select([waiting], [], [], 1)[0]
      client.close()
      served.close()
      served = forward.listener.accept()[0]
      send_all(waiting, b"x")
      assert received(served) == b"x"
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test func `a client that the system has no descriptor left for is reset`() async throws {
    try await forwarding(
      """
      import resource
      forward = Forward("-w", "1s", prefix=("prlimit", "--nofile=64", "sockkit"))
      first, first_served = forward.pair()
      used = len(os.listdir(f"/proc/{forward.pid}/fd"))
      resource.prlimit(forward.pid, resource.RLIMIT_NOFILE, (used, 64))
      late = forward.connect()
      forward.line(": Too many open files")
      assert is_reset(late)
      first.sendall(b"ping")
      assert exactly(first_served, 4) == b"ping"
      forward.stop(signal.SIGTERM, signal.SIGTERM)
      """)
  }

  @Test func `a family that the system forbids fails its client at once`() async throws {
    try await forwarding(
      """
      injection = "inject=socket:error=EAFNOSUPPORT:when=2+"
      forward = Forward(prefix=("strace", "-f", "-qq", "-o", "/dev/null", "-e", injection, "sockkit"))
      for number in range(3):
          begin = time.monotonic()
          assert forward.turns_away()
          assert time.monotonic() - begin < 5
      forward.line("create ipv4 socket: Address family not supported by protocol", 3)
      (child,) = open(f"/proc/{forward.pid}/task/{forward.pid}/children").read().split()
      os.kill(int(child), signal.SIGTERM)
      assert forward.process.wait(20) == 0
      """)
  }
}
