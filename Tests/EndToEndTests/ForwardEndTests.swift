// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// How `forward` ends connections: a reset is never passed on as an orderly end, and nothing sent before it is lost.
@Suite(.takingTurns)
struct ForwardEndTests {
  /// Options that change the way in which bytes are copied.
  private static let ways = ["", "--rate 64M", "-i 30s"]

  @Test(arguments: ["client", "target"], ways)
  func `a reset in the middle of what is being sent is no end`(first: String, flags: String) async throws {
    try await forwarding(
      """
      forward = Forward(*arguments[1].split())
      for run in range(60):
          sides = forward.pair()
          first, second = sides if arguments[0] == "client" else reversed(sides)
          def send():
              try:
                  second.sendall(bytes(1 << 20))
              except (ConnectionResetError, BrokenPipeError):
                  return True
              return is_reset(second)
          def take():
              exactly(first, 1 + run * 5000)
              reset(first)
          assert together(send, take)[0], run
      forward.stop()
      """, first, flags, limit: 60)
  }

  @Test(arguments: ["client", "target"])
  func `an end that the kernel reports in place of a reset is none`(first: String) async throws {
    try await forwarding(
      """
      # What is received is an end, as where another call has taken the error.
      forward = Forward(prefix=("strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=recvfrom:retval=0", "sockkit"))
      sides = forward.pair()
      forward.line("connected ")
      first, second = sides if arguments[0] == "client" else reversed(sides)
      reset(first)
      assert is_reset(second)
      # An orderly end stays one.
      sides = forward.pair()
      forward.line("connected ", 2)
      first, second = sides if arguments[0] == "client" else reversed(sides)
      first.shutdown(socket.SHUT_WR)
      assert received(second) == b""
      second.close()
      assert received(first) == b""
      (child,) = open(f"/proc/{forward.pid}/task/{forward.pid}/children").read().split()
      os.kill(int(child), signal.SIGTERM)
      assert forward.process.wait(20) == 0
      """, first)
  }

  @Test(arguments: ["client", "target"], ways)
  func `a reset behind the end of one side is passed on to the other, which had not finished`(
    first: String, flags: String
  ) async throws {
    try await forwarding(
      """
      forward = Forward(*arguments[1].split())
      for run in range(60):
          sides = forward.pair()
          first, second = sides if arguments[0] == "client" else reversed(sides)
          data = os.urandom(10 + run * 3000)
          def serve():
              first.sendall(data)
              first.shutdown(socket.SHUT_WR)
              exactly(first, 1)
              reset(first)
          def ask():
              try:
                  second.sendall(bytes(1 << 20))
              except (ConnectionResetError, BrokenPipeError):
                  return True
              try:
                  assert received(second) == data
                  # The end that came in order has arrived; that nothing more is taken shows when more is sent.
                  while True:
                      second.sendall(bytes(1 << 16))
              except (ConnectionResetError, BrokenPipeError):
                  return True
          together(serve, ask)
      lines = forward.stop()
      assert sum(": Connection reset" in line or ": Broken pipe" in line for line in lines) == 60, lines
      """, first, flags, limit: 60)
  }

  @Test(arguments: ["client", "target"])
  func `one urgent byte neither ends nor stops a stream`(first: String) async throws {
    try await forwarding(
      """
      forward = Forward()
      for before, behind in (3, 5), (3, 16 << 20), (4 << 20, 5), (4 << 20, 16 << 20), (0, 0):
          sides = forward.pair()
          first, second = sides if arguments[0] == "client" else reversed(sides)
          data, rest = os.urandom(before), os.urandom(behind)
          assert together(lambda: first.sendall(data), lambda: exactly(second, before) == data)[1]
          first.send(b"!", socket.MSG_OOB)
          # What is urgent alone leaves nothing to do.
          used = forward.seconds()
          assert not select.select([second], [], [], 0.3)[0]
          assert forward.seconds() - used < 0.1, forward.seconds() - used
          assert together(lambda: first.sendall(rest), lambda: exactly(second, behind) == rest)[1]
          second.sendall(b"back")
          assert exactly(first, 4) == b"back"
          first.shutdown(socket.SHUT_WR)
          assert received(second) == b""
          second.close()
          assert received(first) == b""
      lines = forward.stop()
      assert "reset" not in "".join(lines), lines
      """, first)
  }

  @Test(arguments: ["-i", "TERM", "KILL"])
  func `what one side has sent completely still arrives when the connection is given up`(
    reason: String
  ) async throws {
    try await forwarding(
      """
      listener = socket.socket()
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
      listener.bind(("127.0.0.1", 0))
      listener.listen()
      idle = ["-i", "500ms"] if arguments[0] == "-i" else []
      forward = Forward("--receive-buffer", "2M", "--send-buffer", "2M", *idle, listener=listener)
      client, served = forward.pair()
      data = os.urandom(300 << 10)
      send_all(client, data)
      def queued():
          "What forward has put into its socket, and the half-close, wait there."
          port = "0100007F:%04X" % listener.getsockname()[1]
          rows = [line.split() for line in open("/proc/net/tcp")]
          return any(row[2] == port and row[3] == "04" for row in rows[1:])
      eventually(queued)
      if arguments[0] == "-i":
          forward.line(": timed out after 500 ms")
      else:
          for _ in range(2 if arguments[0] == "TERM" else 1):
              os.kill(forward.pid, getattr(signal, "SIG" + arguments[0]))
          forward.process.wait(20)
      assert is_reset(client)
      assert received(served) == data
      if arguments[0] == "-i":
          forward.stop()
      """, reason)
  }

  @Test func `a killed forwarder resets both sides`() async throws {
    try await forwarding(
      """
      forward = Forward()
      client, served = forward.pair()
      client.sendall(b"half")
      assert exactly(served, 4) == b"half"
      forward.process.kill()
      assert is_reset(client) and is_reset(served)
      """)
  }
}
