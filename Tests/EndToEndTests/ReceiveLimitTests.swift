// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A connection that ends once as much was received as is asked for.
@Suite(.takingTurns)
struct ReceiveLimitTests {
  @Test(arguments: ["--max-bytes=70000", "--max-packets=2"])
  func `the rest is left, and the end is in order`(limit: String) async throws {
    let result = try await python(
      """
      listener = listening()
      program = subprocess.Popen(
          ['sockkit', 'connect', arguments[0], '127.0.0.1', str(listener.getsockname()[1])],
          stdin=subprocess.PIPE, stdout=subprocess.PIPE)
      program.stdin.write(b'question')
      program.stdin.flush()
      connection, _ = listener.accept()
      print(exactly(connection, 8))
      # In one call: once the limit is reached, a further one would be answered by a reset.
      connection.send(bytes(80000))
      print('sent', connection.recv(1) == b'')
      output = program.stdout.read()
      print('status', program.wait(20), len(output))
      """, limit)
    let count = limit.contains("bytes") ? "70000" : ""
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.text.contains("b'question'\nsent True\nstatus 0 \(count)"), "\(result)")
    if count.isEmpty {
      let size = result.text.split(separator: " ").last.flatMap { Int($0.filter(\.isNumber)) }
      #expect((1...32768).contains(try #require(size)), "\(result)")
    }
  }

  @Test func `the descriptor of a connection is passed on`() async throws {
    let result = try await python(
      """
      import array
      listener = listening()
      mine, its = socket.socketpair()
      program = subprocess.Popen(
          ['sockkit', 'connect', '-F', '127.0.0.1', str(listener.getsockname()[1])], stdout=its)
      server, _ = listener.accept()
      _, ancillary, _, _ = mine.recvmsg(1, socket.CMSG_SPACE(4))
      status = program.wait(20)
      connection = socket.socket(fileno=array.array('i', ancillary[0][2])[0])
      connection.sendall(b'passed')
      connection.close()
      print('status', status, exactly(server, 6), server.recv(1))
      """)
    #expect(result.ending == .exit(0) && result.text.contains("status 0 b'passed' b''"), "\(result)")
  }

  @Test func `a limit is refused where it would have no effect`() async throws {
    #expect(
      try await sockkit("listen", "-k", "--max-bytes", "1", "0")
        == .usage(
          "--max-bytes ends one connection, and is not for --keep-open, --reply, --greeting, --output-dir or --broker",
          of: "listen"))
    #expect(
      try await sockkit("connect", "--send-only", "--max-packets", "1", "h", "1")
        == .usage("--max-packets has no effect with --send-only, which discards what arrives", of: "connect"))
    #expect(
      try await sockkit("connect", "-F", "-z", "h", "1").ending == .exit(64))
  }
}
