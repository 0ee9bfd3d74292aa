// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// The calculator as a service, in every server model.
@Suite(.takingTurns)
struct CalcServerTests {
  private static let models = ["fork", "thread", "event"]

  private func server(_ flags: String...) -> RunningProgram {
    RunningProgram(.sockkit(["calc-server", "-v"] + flags + ["127.0.0.1:0"]), limit: 60)
  }

  @Test(arguments: models)
  func `expressions are calculated for any number of clients`(model: String) async throws {
    let server = server("--model", model)
    let port = "\(try await server.announcedPort())"
    #expect(
      try await sockkit("calc", "127.0.0.1", port, "2*(3+4)", #""a"+"b""#, "7/2")
        == Finished(.exit(0), output: "14\nab\n3.5\n"))
    let batch = (1...500).map { "\($0)*\($0)\n" }.joined()
    let squares = (1...500).map { "\($0 * $0)\n" }.joined()
    #expect(
      try await sockkit("calc", "127.0.0.1", port, input: .bytes(Array(batch.utf8)))
        == Finished(.exit(0), output: squares))
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: models)
  func `requests are answered in order, whatever pieces they arrive in`(model: String) async throws {
    let server = server("--model", model)
    let port = "\(try await server.announcedPort())"
    let client = try await python(
      """
      client = connected(arguments[0])
      def operand(number):
          return b"i" + struct.pack(">I", 8) + struct.pack(">q", number)
      requests = b"".join(b"\\x02" + operand(number) + operand(-3) for number in range(200)) + b"\\x00"
      def send():
          for start in range(0, len(requests), 7):
              client.sendall(requests[start:start + 7])
      sender = threading.Thread(target=send)
      sender.start()
      answers = received(client)
      sender.join()
      assert answers == b"".join(b"\\x00" + operand(-3 * number) for number in range(200)), answers[:100]
      """, port)
    #expect(client.ending == .exit(0), "\(client)")
  }

  @Test(arguments: models)
  func `a wrong request is answered with an error, which the client gets before the end`(
    model: String
  ) async throws {
    let server = server("--model", model, "--max-operand", "1K")
    let port = "\(try await server.announcedPort())"
    let client = try await python(
      """
      for wrong in [b"\\x09" + b"x" * 100000, b"\\x01q", b"\\x01i\\x00\\x00\\x04\\x01" + b"y" * 100000,
                    b"\\x01d\\x00\\x00\\x00\\x07", b"\\x03s\\x00\\x00\\x00\\x01\\xff"]:
          client = connected(arguments[0])
          client.sendall(wrong)
          answer = received(client)
          assert answer[:2] == b"\\x01s" and len(answer) == 6 + struct.unpack(">I", answer[2:6])[0], (wrong[:10], answer)
      """, port)
    #expect(client.ending == .exit(0), "\(client)")
    #expect(
      try await sockkit("calc", "127.0.0.1", port, "1+1") == Finished(.exit(0), output: "2\n"))
  }

  @Test func `a child that is killed costs one client`() async throws {
    let server = server("--model", "fork")
    let port = try await server.announcedPort()
    let clients = try await python(
      """
      victim, other = connected(arguments[0]), connected(arguments[0])
      two = b"i" + struct.pack(">I", 8) + struct.pack(">q", 2)
      for client in victim, other:
          client.sendall(b"\\x01" + two + two)
          assert client.recv(100)[-1] == 4
      def served_by(client):
          "The child whose socket is the other end of this client's."
          # Both ends: a client of another server may have the same port.
          wanted = ["%08X:%04X" % (0x0100007F, name[1]) for name in (client.getpeername(), client.getsockname())]
          inodes = {line.split()[9] for line in open("/proc/net/tcp").readlines()[1:] if line.split()[1:3] == wanted}
          for pid in filter(str.isdigit, os.listdir("/proc")):
              try:
                  links = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
              except OSError:
                  continue
              if {f"socket:[{inode}]" for inode in inodes} & links:
                  return int(pid)
      os.kill(served_by(victim), signal.SIGKILL)
      try:
          assert not victim.recv(100), "an answer of a process that was killed"
          assert False, "an orderly end"
      except ConnectionResetError:
          pass
      other.sendall(b"\\x02" + two + two)
      assert other.recv(100)[-1] == 4
      again = connected(arguments[0])
      again.sendall(b"\\x01" + two + two)
      assert again.recv(100)[-1] == 4
      """, "\(port)")
    #expect(clients.ending == .exit(0), "\(clients)")
    try await server.errorLine(containing: "ended with signal 9")
  }
}
