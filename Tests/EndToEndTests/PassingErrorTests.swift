// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Transient errors, and those of a single client, do not end a server; `strace` makes the system calls fail.
@Suite(.takingTurns)
struct PassingErrorTests {
  /// The servers to run under `strace`: their arguments; all answer `x` to `x`.
  private static let servers = [
    ["echo-server", "--model", "event"], ["echo-server", "--model", "thread"],
    ["echo-server", "--model", "fork"], ["echo-server", "--workers", "2"],
    ["listen", "-k", "--reply", "x"],
    ["listen", "-k", "--sh-exec", "cat"], ["listen", "-k", "--stats", "--sh-exec", "cat"],
  ]

  private static func run(
    _ script: String, injecting fault: String, _ arguments: [String]
  ) async throws -> Finished {
    let strace = try Program.other("strace", package: "strace", []).path
    // The server is strace's first child, which signals are sent to.
    let words =
      logWords + """

        import errno

        def served(client):
            client.sendall(b"x")
            client.shutdown(socket.SHUT_WR)
            return received(client) == b"x"

        server = Logged(
            arguments[0], "-f", "-qq", "-o", "/dev/null", "-e", "inject=" + arguments[1], "sockkit", *arguments[2:])
        tracer = server.pid
        child = int(open(f"/proc/{tracer}/task/{tracer}/children").read().split()[0])
        server.process.send_signal = lambda number: os.kill(child, number)

        """
    return try await RunningProgram(
      try .python(words + script, [strace, fault] + arguments), input: .file("/dev/null")
    ).finished()
  }

  @Test(arguments: servers, ["ENONET", "EPERM", "ETIMEDOUT", "ENOMEM"])
  func `an accept that fails in passing ends no server`(server: [String], code: String) async throws {
    let result = try await Self.run(
      """
      for _ in range(6):
          assert served(server.connect())
      assert [line for line in server.stop() if "accept on 127.0.0.1:" in line], server.lines
      """, injecting: "accept4:error=\(code):when=3", server + ["-v", "127.0.0.1:0"])
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `an accept that fails again and again fills neither the log nor a processor`() async throws {
    let result = try await Self.run(
      """
      client = server.connect()
      server.line("accept on 127.0.0.1:")
      ticks = lambda: sum(map(int, open(f"/proc/{child}/stat").read().rsplit(") ")[1].split()[11:13]))
      before, start = ticks(), time.monotonic()
      while time.monotonic() < start + 1:
          assert not select.select([client], [], [], 0.2)[0]
      assert ticks() - before < os.sysconf("SC_CLK_TCK") / 4, (before, ticks())
      assert len([line for line in server.stop() if "accept on 127.0.0.1:" in line]) == 1, server.lines
      """, injecting: "accept4:error=ENONET", ["echo-server", "-v", "127.0.0.1:0"])
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `listen waits on when an accept fails in passing`() async throws {
    let result = try await Self.run(
      """
      client = server.connect()
      client.sendall(b"x")
      client.shutdown(socket.SHUT_WR)
      assert received(client) == b""
      assert server.process.wait(20) == 0, server.lines
      """, injecting: "accept4:error=EMFILE:when=1..2", ["listen", "-v", "127.0.0.1:0"])
    #expect(result.ending == .exit(0), "\(result)")
  }

  /// The servers with an event loop in a single thread, for which `strace` counts the calls.
  private static let loops = servers.filter {
    !["--stats", "fork", "thread", "--workers"].contains(where: $0.contains)
  }

  @Test(arguments: ["ENOMEM", "ENOSPC"], loops)
  func `what cannot be watched costs one client`(code: String, server: [String]) async throws {
    // Whichever of the calls fails.
    for number in 4...7 {
      let result = try await Self.run(
        """
        lost = 0
        for _ in range(6):
            try:
                lost += not served(server.connect())
            except OSError as error:
                # A shutdown that comes after the reset says that there is no connection.
                assert error.errno in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN), error
                lost += 1
        lines = server.stop()
        # The reset of a client that was named can come after the end of its answer, which it has whole then.
        # A command that cannot be watched is ended, and not started again on the same connection.
        reasons = "allocate memory", "left on device", "Operation canceled"
        named = len([line for line in lines if any(f"{reason}, for 127.0.0.1:" in line for reason in reasons)])
        # strace counts the calls of each process: that which starts the commands has one of its own that fails.
        assert lost <= named <= \(server.contains("--sh-exec") ? 2 : 1), (lost, lines)
        """, injecting: "epoll_ctl:error=\(code):when=\(number)", server + ["-v", "127.0.0.1:0"])
      #expect(result.ending == .exit(0), "call \(number): \(result)")
    }
  }

  @Test(
    arguments: ["epoll_wait", "ppoll"],
    [
      ["echo-server", "--model", "event"], ["echo-server", "--model", "thread"],
      ["echo-server", "--model", "fork"],
    ])
  func `a wait that fails for want of memory is made again`(call: String, server: [String]) async throws {
    let result = try await Self.run(
      """
      for _ in range(6):
          assert served(server.connect())
      server.stop()
      """, injecting: "\(call):error=ENOMEM:when=2+3", server + ["-v", "127.0.0.1:0"])
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(arguments: [
    ["echo-server", "--udp"], ["echo-server", "--tcp", "--udp"], ["udp-recv", "--echo"],
  ])
  func `a receive that fails in passing ends no receiver of datagrams`(server: [String]) async throws {
    let result = try await Self.run(
      """
      client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      client.connect(("127.0.0.1", int(server.place.rpartition(":")[2])))
      for _ in range(6):
          client.send(b"x")
          assert client.recv(10) == b"x"
      server.line("receive from 127.0.0.1:")
      server.stop()
      """, injecting: "recvmmsg:error=ENOMEM:when=3", server + ["-v", "127.0.0.1:0"])
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test(arguments: [
    ["echo-server", "--udp"], ["echo-server", "--tcp", "--udp"], ["udp-recv", "--echo"],
  ])
  func `a receive that fails again and again fills neither the log nor a processor`(
    server: [String]
  ) async throws {
    let result = try await Self.run(
      """
      client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      client.connect(("127.0.0.1", int(server.place.rpartition(":")[2])))
      client.send(b"x")
      server.line("receive from 127.0.0.1:")
      ticks = lambda: sum(map(int, open(f"/proc/{child}/stat").read().rsplit(") ")[1].split()[11:13]))
      before, start = ticks(), time.monotonic()
      while time.monotonic() < start + 1:
          assert not select.select([client], [], [], 0.2)[0]
      assert ticks() - before < os.sysconf("SC_CLK_TCK") / 4, (before, ticks())
      assert len([line for line in server.stop() if "receive from 127.0.0.1:" in line]) == 1, server.lines
      """, injecting: "recvmmsg:error=ENOMEM", server + ["-v", "127.0.0.1:0"])
    #expect(result.ending == .exit(0), "\(result)")
  }
}
