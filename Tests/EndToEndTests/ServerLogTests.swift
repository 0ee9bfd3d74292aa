// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// What servers log while they serve, and that the log does not hold them up.
@Suite(.takingTurns)
struct ServerLogTests {
  @Test(arguments: ServedModel.all)
  func `a log that nobody reads holds nobody up, and what is missing is counted`(served: ServedModel)
    async throws
  {
    try await served.clients(
      """
      server = subprocess.Popen(["sockkit"] + arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
      log = server.stderr.fileno()
      fcntl.fcntl(log, 1031, 4096)  # F_SETPIPE_SZ
      port = int(server.stderr.readline().split(b":")[-1].split()[0])
      first = connected(port)
      ask(first)
      for _ in range(100):
          client = connected(port)
          ask(client)
          client.close()
      ask(first)
      os.set_blocking(log, False)
      while select.select([log], [], [], 0)[0] and os.read(log, 1 << 16):
          pass
      ask(connected(port))
      os.set_blocking(log, True)
      server.send_signal(signal.SIGTERM)
      rest = server.stderr.read()
      assert b" lines are missing here, because standard error was not read" in rest or b"1 line is missing" in rest, rest
      assert server.wait() == 0
      """, arguments: served.arguments(["--grace", "100ms"]))
  }

  @Test func `who knocks in vain fills no log`() async throws {
    let directory = try TemporaryDirectory()
    let quiet = RunningProgram.sockkit(
      "echo-server", "--deny", "127.0.0.1", "--port-file", directory.file("port"), "127.0.0.1:0")
    let clients = try await python(
      """
      for _ in range(40):
          assert connected(arguments[0]).recv(1) == b""
      """, "\(try await directory.waitForPort("port"))")
    #expect(clients.ending == .exit(0), "\(clients)")
    quiet.signal(SIGTERM)
    let end = try await quiet.finished()
    #expect(end.ending == .exit(0))
    #expect(end.errorLines.count { $0.contains("refused 127.0.0.1:") } == 10, "\(end)")
  }
}
