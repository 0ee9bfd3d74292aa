// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Filters of `listen` with many clients: each client has its own.
@Suite(.takingTurns)
struct KeepOpenFilterTests {
  @Test(arguments: ["--reply", "--reply-file"])
  func `--crlf converts what every client is sent`(flag: String) async throws {
    let directory = try TemporaryDirectory()
    let text = flag == "--reply" ? #"one\r\ntwo\n"# : try directory.write("one\r\ntwo\n", to: "reply")
    let server = KeepOpenTests.start("--crlf", flag, text)
    try await KeepOpenTests.clients(
      of: server,
      """
      for client in [connected(port), connected(port)]:
          client.sendall(b"asked\\n")
          assert received(client) == b"one\\r\\ntwo\\r\\n"
      """)
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `--crlf converts standard input and what a broker passes on, across pieces`() async throws {
    let server = KeepOpenTests.start("--crlf", "--broker")
    try await KeepOpenTests.clients(
      of: server,
      """
      reader, writer = connected(port), connected(port)
      text = b""
      for piece, whole in [(b"kept\\r", b"kept\\r"), (b"\\nand\\n", b"kept\\r\\nand\\r\\n")]:
          writer.sendall(piece)
          while len(text) < len(whole): text += reader.recv(1 << 16)
          assert text == whole, text
      """)
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `--telnet answers each client, and keeps its commands out of the lines`() async throws {
    let server = KeepOpenTests.start("--telnet", "--label", "--recv-only")
    try await KeepOpenTests.clients(
      of: server,
      """
      for client in [connected(port), connected(port)]:
          for piece in [b"he\\xff", b"\\xfd\\x03l\\xff\\xfb", b"\\x01lo\\xff\\xff\\r\\0\\n"]:
              client.sendall(piece)
          answers = b""
          while len(answers) < 6: answers += client.recv(6 - len(answers))
          assert answers == b"\\xff\\xfc\\x03\\xff\\xfe\\x01", answers
          client.close()
      """)
    let end = try await KeepOpenTests.stopped(server)
    let lines = end.output.split(separator: 10)
    #expect(lines.count == 2 && lines.allSatisfy { $0.suffix(8) == [32] + Array("hello".utf8) + [255, 13] })
  }

  @Test func `--delay pauses between lines, for each client on its own`() async throws {
    let server = KeepOpenTests.start("--delay", "0.2", "--reply", #"a\nb\nc\n"#)
    try await KeepOpenTests.clients(
      of: server,
      """
      clients = [connected(port) for _ in range(5)]
      start = time.monotonic()
      for client in clients: client.sendall(b"asked\\n")
      for client in clients: assert received(client) == b"a\\nb\\nc\\n"
      taken = time.monotonic() - start
      assert 0.35 < taken < 20, taken
      """)
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `--rate limits what each client is sent, and a pause is no idleness`() async throws {
    let server = KeepOpenTests.start(
      "--rate", "100K", "-i", "0.4", "--reply", String(repeating: "x", count: 90_000))
    try await KeepOpenTests.clients(
      of: server,
      """
      clients = [connected(port) for _ in range(3)]
      start = time.monotonic()
      for client in clients: client.sendall(b"asked\\n")
      for client in clients: assert received(client) == b"x" * 90000
      taken = time.monotonic() - start
      assert 0.6 < taken < 30, taken
      """)
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `a line that has to wait for longer than the idle time is sent all the same`() async throws {
    let server = KeepOpenTests.start("--delay", "1", "-i", "0.2", "--reply", #"a\nb\n"#)
    try await KeepOpenTests.clients(
      of: server, "client = connected(port); client.sendall(b'asked'); assert received(client) == b'a\\nb\\n'"
    )
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test func `--hex-dump says whose bytes they are`() async throws {
    let directory = try TemporaryDirectory()
    let server = KeepOpenTests.start("--hex-dump", directory.file("dump"), "--reply", "out")
    try await KeepOpenTests.clients(
      of: server,
      """
      for text in [b"first", b"second"]:
          client = connected(port)
          client.sendall(text)
          client.shutdown(socket.SHUT_WR)
          assert received(client) == b"out"
      """)
    let end = try await KeepOpenTests.stopped(server)
    let peers = end.errorLines.filter { $0.contains("accepted") }.compactMap {
      $0.split(separator: " ").dropFirst(2).first
    }
    let lines = String(decoding: try directory.read("dump"), as: UTF8.self).split(separator: "\n")
    for (peer, text) in zip(peers, ["first", "second"]) {
      let own = lines.filter { $0.hasPrefix("[\(peer)] ") }
      #expect(own.contains { $0.contains("] > ") && $0.hasSuffix("|out|") }, "\(lines)")
      #expect(own.contains { $0.contains("] < ") && $0.hasSuffix("|\(text)|") }, "\(lines)")
    }
    #expect(peers.count == 2 && lines.count == 4, "\(lines)")
  }

  @Test func `without -k a record holds what was sent and received`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      "listen", "-v", "--crlf", "--reply", #"a\n"#, "--record", directory.file("record"), "127.0.0.1:0",
      input: .file("/dev/null"))
    let port = "\(try await server.announcedPort())"
    let client = try await sockkit("connect", "127.0.0.1", port, input: .bytes(Array("b".utf8)))
    #expect(client == Finished(.exit(0), output: "a\r\n"))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(try ["a\r\nb", "ba\r\n"].contains(String(decoding: directory.read("record"), as: UTF8.self)))
  }

  @Test func `a dump that cannot be written ends it, and says so`() async throws {
    let server = KeepOpenTests.start("--hex-dump", "/dev/full", "--reply", "x")
    let port = "\(try await server.announcedPort())"
    _ = try await sockkit("connect", "127.0.0.1", port)
    let end = try await server.finished()
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errorLines.contains("sockkit: write /dev/full: No space left on device"), "\(end)")
  }

  @Test func `what came is written out, though it cannot be dumped`() async throws {
    let server = KeepOpenTests.start("--hex-dump", "/dev/full", "--recv-only")
    try await KeepOpenTests.clients(of: server, "connected(port).sendall(b'one\\ntwo')")
    let end = try await server.finished()
    #expect(end.ending == .exit(74) && end.text == "one\ntwo", "\(end)")
  }
}
