// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// `listen --keep-open`: the clients' lines on standard output.
@Suite(.takingTurns)
struct KeepOpenLineTests {
  @Test func `fifty clients cut into random pieces never share a line, and nothing is missing`() async throws
  {
    let server = KeepOpenTests.start(limit: 60)
    try await KeepOpenTests.clients(
      of: server,
      """
      import random
      rest = {}
      for number in range(50):
          text = b"".join(b"%d:%d:%s\\n" % (number, line, bytes([97 + number % 26]) * random.randrange(200))
                          for line in range(100))
          rest[connected(port)] = text
      while rest:
          client = random.choice(list(rest))
          count = random.randrange(1, 2000)
          client.sendall(rest[client][:count])
          rest[client] = rest[client][count:]
          if not rest[client]:
              client.shutdown(socket.SHUT_WR)
              assert client.recv(1) == b""
              del rest[client]
      """)
    let lines = try await KeepOpenTests.stopped(server).text.split(separator: "\n")
    #expect(lines.count == 5000)
    var next = [Int](repeating: 0, count: 50)
    for line in lines {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      let (number, index) = (Int(fields[0]) ?? -1, Int(fields[1]) ?? -1)
      #expect(fields.count == 3 && index == next[number], "\(line)")
      next[number] += 1
      #expect(Set(fields[2].utf8).isSubset(of: [UInt8(97 + number % 26)]))
    }
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func `--label says who sent a line, and IPv4 is shown plain`(host: String) async throws {
    let server = RunningProgram.sockkit("listen", "-kv", "--label", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    let script = """
      client = socket.create_connection((arguments[0], int(arguments[1])))
      client.sendall(b"one\\ntwo")
      client.shutdown(socket.SHUT_WR)
      assert client.recv(1) == b""
      print(client.getsockname()[1])
      """
    let client = try await python(script, host, "\(port)").text.dropLast()
    let label = host == "::1" ? "[[::1]:\(client)] " : "[127.0.0.1:\(client)] "
    #expect(try await KeepOpenTests.stopped(server).text == label + "one\n" + label + "two")
  }

  @Test func `clients of a Unix socket are told apart by their numbers`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit("listen", "-kv", "--label", "-U", path, input: .file("/dev/null"))
    try await server.errorLine(containing: "listening on ")
    for text in ["a", "b"] {
      #expect(try await sockkit("connect", "-U", path, input: .bytes(Array(text.utf8))) == Finished(.exit(0)))
    }
    #expect(try await KeepOpenTests.stopped(server).text == "[unix:#1] a\n[unix:#2] b")
    #expect(!directory.has("socket"))
  }

  @Test func `a name that a client gives itself moves no cursor and leads nowhere`() async throws {
    let directory = try TemporaryDirectory()
    let script = """
      name = os.path.join(arguments[0], "\\x1b[2J")
      for number in range(2):
          client = socket.socket(socket.AF_UNIX)
          client.bind(name)
          os.unlink(name)
          client.connect(arguments[number + 1])
          client.sendall(b"x")
          client.shutdown(socket.SHUT_WR)
          assert client.recv(1) == b""
          client.close()
      """
    let labelled = RunningProgram.sockkit(
      "listen", "-kv", "--recv-only", "--label", "-U", directory.file("one"))
    let filed = RunningProgram.sockkit(
      "listen", "-kv", "--recv-only", "--output-dir", directory.path, "-U", directory.file("two"))
    for server in [labelled, filed] { try await server.errorLine(containing: "listening on ") }
    let end = try await python(script, directory.path, directory.file("one"), directory.file("two"))
    #expect(end.ending == .exit(0), "\(end)")
    #expect(try await KeepOpenTests.stopped(labelled).text == "[unix:\(directory.path)/\\x1b[2J] x")
    _ = try await KeepOpenTests.stopped(filed)
    let names = try await shell("ls -b $1", directory.path).text.split(separator: "\n")
    #expect(names.count == 1)
    #expect(names.first?.hasSuffix("_unix--tmp-\(directory.path.dropFirst(5))---2J_1") == true, "\(names)")
  }

  @Test func `a client that is alone has its bytes unchanged, whatever they are`()
    async throws
  {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 4, to: "sent")
    let server = KeepOpenTests.start(output: .file(directory.file("received")))
    let port = "\(try await server.announcedPort())"
    #expect(try await sockkit("connect", "127.0.0.1", port, input: .file(file)) == Finished(.exit(0)))
    _ = try await KeepOpenTests.stopped(server)
    let (sent, received) = (try directory.read("sent"), try directory.read("received"))
    #expect(received == sent)
  }

  @Test
  func `a line of 64 KiB is whole, and one of 100 KiB goes on in a line of its own if it is interrupted`()
    async throws
  {
    let server = KeepOpenTests.start()
    try await KeepOpenTests.clients(
      of: server,
      """
      whole, long, other = connected(port), connected(port), connected(port)
      whole.sendall(b"w" * 65536)
      long.sendall(b"l" * 65537)
      other.sendall(b"o\\n")
      whole.sendall(b"\\n"); whole.shutdown(socket.SHUT_WR); assert whole.recv(1) == b""
      long.sendall(b"l" * 34463 + b"\\n"); long.shutdown(socket.SHUT_WR); assert long.recv(1) == b""
      """)
    let lines = try await KeepOpenTests.stopped(server).text.split(separator: "\n")
    #expect(lines.contains { $0 == String(repeating: "w", count: 65536) })
    #expect(lines.filter { $0.first == "l" }.joined() == String(repeating: "l", count: 100_000))
    #expect(lines.filter { $0.first == "l" }.allSatisfy { $0.count >= 34463 })
    #expect(lines.allSatisfy { Set($0).count == 1 })
  }
}
