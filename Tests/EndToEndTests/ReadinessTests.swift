// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// What a server tells the process that waits for it.
@Suite(.takingTurns)
struct ReadinessTests {
  /// A service manager in Python, with the address `manager`; `next()` is its next message, and `start(words)` starts
  /// a `sockkit`.
  private static let manager = """
    manager = arguments.pop(0)
    inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    inbox.bind("\\0" + manager[1:] if manager.startswith("@") else manager)

    def next():
        "The next message that is not a status."
        while (message := inbox.recv(4096).decode()).startswith("STATUS="):
            pass
        return message

    def start(*words, watchdog=None, **more):
        environment = dict(os.environ, NOTIFY_SOCKET=manager)
        if watchdog:
            environment["WATCHDOG_USEC"] = watchdog
        return subprocess.Popen(["sockkit", *words], env=environment, stderr=subprocess.PIPE, **more)

    def ended(process):
        errors = process.communicate(timeout=40)[1]
        assert process.returncode == 0, (process.returncode, errors)
        inbox.setblocking(False)
        try:
            assert False, next()
        except BlockingIOError:
            pass


    """

  private static func run(
    at address: String? = nil, _ script: String, _ arguments: [String] = []
  ) async throws -> Finished {
    let directory = try TemporaryDirectory()
    return try await python(manager + script, [address ?? directory.file("notify")] + arguments)
  }

  private static func python(_ script: String, _ arguments: [String]) async throws -> Finished {
    try await RunningProgram(try .python(script, arguments), input: .file("/dev/null")).finished()
  }

  @Test(arguments: ServedModel.all)
  func `a server tells when it is ready, and when it stops`(served: ServedModel) async throws {
    let directory = try TemporaryDirectory()
    let result = try await Self.run(
      """
      process = start(*arguments)
      assert next() == "READY=1"
      port = int(open(arguments[-2]).read())
      connected(port).close()
      process.terminate()
      assert next() == "STOPPING=1"
      ended(process)
      """,
      served.arguments(["--port-file", directory.file("port")]))
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `the service manager can have an abstract name`() async throws {
    let result = try await Self.run(
      at: "@sockkit-\(getpid())-\(UInt32.random(in: 0 ... .max))",
      """
      process = start("forward", "127.0.0.1:0", "127.0.0.1:9")
      assert next() == "READY=1"
      process.send_signal(signal.SIGHUP)
      assert next() == "STOPPING=1"
      ended(process)
      """)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [
    ["listen", "-k", "127.0.0.1:0"], ["udp-recv", "127.0.0.1:0"], ["echo-server", "--udp", "0"],
  ])
  func `so do all that listen`(words: [String]) async throws {
    let result = try await Self.run(
      """
      process = start(*arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
      assert next() == "READY=1"
      process.terminate()
      assert next() == "STOPPING=1"
      ended(process)
      """, words)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `listen stops with its connection`() async throws {
    let result = try await Self.run(
      """
      process = start("listen", "-v", "127.0.0.1:0", stdin=subprocess.DEVNULL)
      assert next() == "READY=1"
      connected(process.stderr.readline().split(b":")[-1].split()[0]).close()
      assert next() == "STOPPING=1"
      ended(process)
      """)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `a reload has a beginning and an end`() async throws {
    let directory = try TemporaryDirectory()
    let list = try directory.write("127.0.0.0/8\n", to: "list")
    let result = try await Self.run(
      """
      process = start("echo-server", "--allow-file", arguments[0], "127.0.0.1:0")
      assert next() == "READY=1"
      before = time.monotonic_ns() // 1000
      process.send_signal(signal.SIGHUP)
      state, moment = next().split("\\n")
      assert state == "RELOADING=1"
      name, value = moment.split("=")
      assert name == "MONOTONIC_USEC"
      assert before <= int(value) <= time.monotonic_ns() // 1000
      assert next() == "READY=1"
      process.terminate()
      assert next() == "STOPPING=1"
      ended(process)
      """, [list])
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [
    ["echo-server", "127.0.0.1:0"], ["echo-server", "--workers", "2", "127.0.0.1:0"],
    ["echo-server", "--model", "fork", "127.0.0.1:0"], ["http-server", "--model", "thread", "0"],
    ["echo-server", "--udp", "0"], ["forward", "127.0.0.1:0", "127.0.0.1:9"], ["udp-recv", "0"],
    ["listen", "0"], ["listen", "-k", "0"], ["listen", "-k", "127.0.0.1:0", "--sh-exec", "cat"],
    ["listen", "-k", "--stats", "127.0.0.1:0", "--sh-exec", "cat"],
  ])
  func `a loop tells the watchdog that it turns`(words: [String]) async throws {
    let result = try await Self.run(
      """
      process = start(*arguments, watchdog="200000", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
      messages = [next() for _ in range(5)]
      assert sorted(messages) == ["READY=1"] + ["WATCHDOG=1"] * 4, messages
      process.terminate()
      while (message := next()) == "WATCHDOG=1":
          pass
      assert message == "STOPPING=1"
      process.wait()
      """, words)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [[], ["--sh-exec", "cat"], ["--stats", "--sh-exec", "cat"], ["--reply", "x"]])
  func `the watchdog is told while a single connection is open`(words: [String]) async throws {
    let result = try await Self.run(
      """
      process = start("listen", "-v", "127.0.0.1:0", *arguments, watchdog="200000", stdin=subprocess.DEVNULL)
      client = connected(process.stderr.readline().split(b":")[-1].split()[0])
      process.stderr.readline()
      inbox.setblocking(False)
      try:
          while next():
              pass
      except BlockingIOError:
          inbox.settimeout(40)
      for _ in range(4):
          assert next() == "WATCHDOG=1"
      client.close()
      process.wait()
      """, words)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: ServedModel.models)
  func `the status has the number of connections`(model: String) async throws {
    let result = try await Self.run(
      """
      process = start("echo-server", "-v", "--model", arguments[0], "127.0.0.1:0")
      assert next() == "READY=1"
      port = process.stderr.readline().split(b":")[-1].split()[0]
      first, second = connected(port), connected(port)
      assert inbox.recv(4096) == b"STATUS=2 connections"
      first.close()
      assert inbox.recv(4096) == b"STATUS=1 connection"
      process.terminate()
      assert next() == "STOPPING=1"
      process.wait()
      """, [model])
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `a command does not report for its server`() async throws {
    let result = try await Self.run(
      """
      process = start("listen", "-v", "127.0.0.1:0", "--sh-exec", "echo ${NOTIFY_SOCKET-unset}")
      assert next() == "READY=1"
      client = connected(process.stderr.readline().split(b":")[-1].split()[0])
      say(received(client).decode().strip())
      """)
    #expect(result == Finished(.exit(0), output: "unset\n"), "\(result)")
  }

  @Test func `a server does not need the service manager that started it`() async throws {
    let result = try await shell(
      "NOTIFY_SOCKET=/nonexistent/notify exec sockkit listen -w 0.1 127.0.0.1:0")
    #expect(result.ending == .exit(75), "\(result)")
  }

  @Test(arguments: [
    ["listen", "-w", "0.1", "127.0.0.1:0"], ["listen", "-w", "0.1", "unix:@sockkit-ready-fd"],
    ["udp-recv", "--timeout", "0.1", "127.0.0.1:0"],
  ])
  func `--ready-fd gets a newline, and is closed`(words: [String]) async throws {
    let result = try await Self.python(
      """
      ours, theirs = os.pipe()
      words = ["sockkit", arguments[0], "--ready-fd", str(theirs)] + arguments[1:]
      process = subprocess.Popen(words, pass_fds=[theirs], stderr=subprocess.DEVNULL)
      os.close(theirs)
      assert os.read(ours, 10) == b"\\n"
      assert os.read(ours, 10) == b""
      process.wait()
      """, words)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `a port that cannot be bound is not ready`() async throws {
    let port = SilentPort()
    let result = try await shell(
      "sockkit listen --ready-fd 3 127.0.0.1:$1 3>&1 2>/dev/null", "\(port.number)")
    #expect(result == Finished(.exit(73)))
  }

  @Test func `a descriptor that is not open, or a standard stream, is refused`() async throws {
    let closed = try await shell("exec sockkit listen --ready-fd 9 0 9>&-")
    #expect(
      closed
        == .usage(
          "invalid value '9' for --ready-fd: expected an open descriptor, such as 3 with 3>ready",
          of: "listen"))
    let standard = try await sockkit("listen", "--ready-fd", "1", "0")
    #expect(
      standard
        == .usage(
          "invalid value '1' for --ready-fd: expected a descriptor from 3 on, such as 3 with 3>ready or 3>&1",
          of: "listen"))
  }
}
