// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Transfers that end before they are complete: the peer sees a reset, and a reset never gives status 0.
@Suite(.takingTurns)
struct UnfinishedTransferTests {
  /// Runs a client of this script repeatedly, and counts the ways in which it ends.
  private static func tally(_ words: String, runs: Int, peer: String) async throws -> Finished {
    let directory = try TemporaryDirectory()
    return try await python(
      """
      import collections
      with open(arguments[0] + "/file", "wb") as file:
          file.write(os.urandom(1 << 20) * 8)
      ends = collections.Counter()
      for run in range(\(runs)):
          listener = socket.create_server(("127.0.0.1", 0))
          port = str(listener.getsockname()[1])
          with open(arguments[0] + "/file", "rb") as file:
              client = subprocess.Popen(
                  ["sockkit", "connect", *"\(words)".split(), "127.0.0.1", port], stdin=file,
                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
          connection = listener.accept()[0]
          \(peer)
          ends[client.wait(20)] += 1
          listener.close()
      say(dict(ends))
      """, directory.path)
  }

  @Test func `a reset that the kernel takes off the socket while it sends is status 74`() async throws {
    let result = try await Self.tally("--rate 4M", runs: 60, peer: "connection.recv(1); reset(connection)")
    #expect(result == Finished(.exit(0), output: "{74: 60}\n"))
  }

  @Test func `a reset is status 74 with --quit-on-eof too, whichever call meets it`() async throws {
    let result = try await Self.tally(
      "--quit-on-eof", runs: 40, peer: "connection.recv(1); connection.send(bytes(1000)); reset(connection)")
    #expect(result == Finished(.exit(0), output: "{74: 40}\n"))
  }

  @Test(arguments: ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGKILL", "--timeout", "-i", "output"])
  func `a sender that is stopped resets the connection`(reason: String) async throws {
    let limit = reason.hasPrefix("-") ? "'\(reason)', '300ms', " : ""
    let stop =
      switch reason {
      case "--timeout", "-i": "pass"
      case "output": "client.stdout.close(); connection.sendall(bytes(100000))"
      default: "client.send_signal(signal.\(reason))"
      }
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      client = subprocess.Popen(
          ["sockkit", "connect", \(limit)"127.0.0.1", str(listener.getsockname()[1])],
          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
      connection = listener.accept()[0]
      client.stdin.write(b"a part")
      client.stdin.flush()
      assert connection.recv(6, socket.MSG_WAITALL) == b"a part"
      \(stop)
      try:
          say("end" if not connection.recv(1) else "more")
      except ConnectionResetError:
          say("reset")
      client.wait(20)
      """)
    #expect(result == Finished(.exit(0), output: "reset\n"))
  }

  @Test func `a send that fails with an error of its own ends the transfer at once`() async throws {
    let strace = try Program.other("strace", package: "strace", []).path
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      client = subprocess.Popen(
          [arguments[0], "-qq", "-o", "/dev/null", "-e", "inject=sendto:error=EIO:when=2", "sockkit", "connect", "-C",
           "127.0.0.1", str(listener.getsockname()[1])], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
      connection = listener.accept()[0]
      for text in b"one\\n", b"two\\n":
          client.stdin.write(text)
          client.stdin.flush()
          if text == b"one\\n":
              assert connection.recv(5, socket.MSG_WAITALL) == b"one\\r\\n"
      try:
          say("end" if not connection.recv(1) else "more")
      except ConnectionResetError:
          say("reset")
      say(client.wait(20), client.stderr.read().decode().rpartition(": ")[2])
      """, strace)
    #expect(result.text == "reset\n74 Input/output error\n\n", "\(result)")
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6], [false, true])
  func `nothing is lost where calls move fewer bytes than they could`(seed: Int, refusesSplice: Bool)
    async throws
  {
    let prefix = try await ShortTransfers.prefix(seed: seed, refusesSplice: refusesSplice).joined(
      separator: " ")
    let directory = try TemporaryDirectory()
    _ = try await directory.writeRandom(mebibytes: 2, to: "sent")
    let result = try await shell(
      """
      cd "$1"
      \(prefix) sockkit listen --port-file port 127.0.0.1:0 < sent | cat > received &
      until [ -e port ]; do sleep 0.02; done
      cat sent | \(prefix) sockkit connect 127.0.0.1 "$(cat port)" > answer || exit
      wait
      cmp sent received && cmp sent answer
      """, directory.path)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `a reader that has gone after the end of the stream is no failure of the sender`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      reader = subprocess.Popen(
          ["/bin/sh", "-c", 'sockkit connect 127.0.0.1 "$1" < /dev/null | head -c 6', "sh",
           str(listener.getsockname()[1])], stdout=subprocess.PIPE)
      connection = listener.accept()[0]
      connection.sendall(b"a part")
      assert reader.stdout.read(6) == b"a part"
      connection.shutdown(socket.SHUT_WR)
      say(received(connection), reader.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "b'' 0\n"))
  }
}
