// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// `listen --reply` and `listen --reply-file`.
@Suite(.takingTurns)
struct ListenReplyTests {
  @Test func `the only client gets the text, and what it sends is written`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--reply", #"a\tb\x00\\\n"#, "127.0.0.1:0", input: .file("/dev/zero"))
    let port = "\(try await server.announcedPort())"
    #expect(
      try await sockkit("connect", "127.0.0.1", port, input: .bytes(Array("asked".utf8)))
        == Finished(.exit(0), output: "a\tb\0\\\n"))
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text == "asked", "\(end)")
  }

  @Test(arguments: [[], ["--telnet"]])
  func `what the only client sends is written as it is, and at once`(flags: [String]) async throws {
    let server = RunningProgram(.sockkit(["listen", "-v", "--reply", "x", "127.0.0.1:0"] + flags))
    let client = RunningProgram.sockkit("connect", "127.0.0.1", "\(try await server.announcedPort())")
    client.send("login: ")
    try await server.output(ofAtLeast: 7)
    client.send("\0\n\r")
    client.closeInput()
    #expect(try await client.finished() == Finished(.exit(0), output: "x"))
    #expect(try await server.finished().text == "login: \0\n\r")
  }

  @Test func `with -k every client gets it`() async throws {
    let server = KeepOpenTests.start("--reply", "well")
    try await KeepOpenTests.clients(
      of: server,
      """
      clients = [connected(port) for _ in range(100)]
      for client in clients:
          client.sendall(b"asked\\n")
          assert received(client) == b"well"
          client.close()
      """)
    var lines: [Substring] = []
    lines = try await KeepOpenTests.stopped(server).text.split(separator: "\n")
    #expect(lines == [Substring](repeating: "asked", count: 100))
  }

  @Test func `an empty text half-closes once something was received`() async throws {
    let server = KeepOpenTests.start("--reply", "")
    try await KeepOpenTests.clients(
      of: server, "client = connected(port); client.sendall(b'asked'); assert received(client) == b''")
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test(arguments: [[], ["-k"]])
  func `nothing is answered before something was received, and the greeting is sent at once`(flags: [String])
    async throws
  {
    let server = RunningProgram(
      .sockkit(["listen", "-v", "--greeting", #"220 \x41\n"#, "--reply", "bye", "127.0.0.1:0"] + flags),
      input: .file("/dev/null"))
    let client = try await python(
      """
      client = connected(arguments[0])
      assert client.recv(6, socket.MSG_WAITALL) == b"220 A\\n"
      # What is not to come cannot be waited for; the turn of the server that would have sent it is over.
      assert not select.select([client], [], [], 0.05)[0]
      client.sendall(b"asked")
      assert received(client) == b"bye"
      client.close()
      """, "\(try await server.announcedPort())")
    #expect(client.ending == .exit(0), "\(client)")
    if !flags.isEmpty { server.signal(SIGTERM) }
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text == "asked", "\(end)")
  }

  @Test func `a client that ends without a word is answered`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--reply", "bye", "127.0.0.1:0")
    let port = "\(try await server.announcedPort())"
    #expect(try await sockkit("connect", "127.0.0.1", port) == Finished(.exit(0), output: "bye"))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a greeting leaves the session to standard input`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("hello\n", to: "greeting")
    let server = RunningProgram(
      .sockkit(["listen", "-v", "--greeting-file", file, "127.0.0.1:0"]), input: .bytes(Array("input".utf8)))
    let port = "\(try await server.announcedPort())"
    let client = try await sockkit("connect", "127.0.0.1", port, input: .bytes(Array("sent".utf8)))
    #expect(client == Finished(.exit(0), output: "hello\ninput"))
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text == "sent", "\(end)")
  }

  @Test func `a greeting that is too long is refused before anything is bound`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 2, to: "greeting")
    #expect(
      try await sockkit("listen", "--greeting-file", file, "0")
        == Finished(.exit(66), errors: "sockkit: read \(file): File too large\n"))
  }

  @Test func `a file is sent as it is then, to each`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 8, to: "reply")
    let server = KeepOpenTests.start("--reply-file", file)
    let port = "\(try await server.announcedPort())"
    for _ in 1...2 {
      let end = try await sockkit("connect", "127.0.0.1", port, output: .file(directory.file("received")))
      #expect(end == Finished(.exit(0)))
      let digests = try await directory.digests("reply", "received")
      #expect(digests[0] == digests[1])
      _ = try await directory.writeRandom(mebibytes: 3, to: "reply")
    }
    _ = try await shell("rm $1", file)
    #expect(try await sockkit("connect", "127.0.0.1", port).ending == .exit(74))
    _ = try directory.write("again", to: "reply")
    #expect(try await sockkit("connect", "127.0.0.1", port) == Finished(.exit(0), output: "again"))
    let end = try await KeepOpenTests.stopped(server)
    #expect(end.errors.contains("sockkit: read \(file): No such file or directory, for 127.0.0.1:"), "\(end)")
  }

  @Test func `a file of the kernel's making is sent too`() async throws {
    let server = KeepOpenTests.start("--reply-file", "/proc/sys/kernel/ostype")
    try await KeepOpenTests.clients(
      of: server, "client = connected(port); client.sendall(b'asked'); assert received(client) == b'Linux\\n'"
    )
    _ = try await KeepOpenTests.stopped(server)
  }

  @Test(arguments: ["/nonexistent", "/dev"])
  func `what is no file is status 66, before anybody is let in`(path: String) async throws {
    let reason = path == "/dev" ? "Is a directory" : "No such file or directory"
    #expect(
      try await sockkit("listen", "--reply-file", path, "0")
        == Finished(.exit(66), errors: "sockkit: read \(path): \(reason)\n"))
  }

  @Test(arguments: [[], ["-k"]])
  func `curl is answered over a Unix socket`(flags: [String]) async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwell\n", to: "reply")
    let path = directory.file("socket")
    let server = RunningProgram(
      .sockkit(["listen", "-v", "-U", path, "--reply-file", file] + flags), input: .file("/dev/null"))
    try await server.errorLine(containing: "listening on ")
    for _ in 1...(flags.isEmpty ? 1 : 3) {
      let curl = try Program.other(
        "curl", package: "curl", ["--silent", "--show-error", "--unix-socket", path, "http://x/"])
      #expect(
        try await RunningProgram(curl, input: .file("/dev/null")).finished()
          == Finished(.exit(0), output: "well\n"))
    }
    if !flags.isEmpty { server.signal(SIGTERM) }
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text.hasPrefix("GET / HTTP/1.1\r\n"), "\(end)")
  }

  @Test func `a client that leaves before it has everything is status 74 without -k`() async throws {
    let directory = try TemporaryDirectory()
    let file = try await directory.writeRandom(mebibytes: 16, to: "reply")
    let server = RunningProgram.sockkit("listen", "-v", "--reply-file", file, "127.0.0.1:0")
    let script =
      "client = connected(arguments[0])\nclient.sendall(b'asked')\nassert client.recv(1)\nreset(client)"
    #expect(try await python(script, "\(try await server.announcedPort())").ending == .exit(0))
    let end = try await server.finished()
    #expect(end.ending == .exit(74), "\(end)")
  }

  @Test func `-i, -w and SIGINT end a listen for one client as they do without a reply`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "-i", "100ms", "--reply", "x", "127.0.0.1:0")
    let client = RunningProgram.sockkit("connect", "127.0.0.1", "\(try await server.announcedPort())")
    client.send("asked")
    #expect(try await server.finished().ending == .exit(75))
    #expect(try await client.finish().text == "x")
    #expect(try await sockkit("listen", "-w", "100ms", "--reply", "x", "127.0.0.1:0").ending == .exit(75))
    let waiting = RunningProgram.sockkit("listen", "-v", "--reply", "x", "127.0.0.1:0")
    _ = try await waiting.announcedPort()
    waiting.signal(SIGINT)
    #expect(try await waiting.finished().ending == .signal(SIGINT))
  }

  @Test func `a refused peer is not the one connection`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--reply", "x", "--deny", "127.0.0.2", "127.0.0.1:0", input: .file("/dev/null"))
    let port = "\(try await server.announcedPort())"
    _ = try await sockkit("connect", "-s", "127.0.0.2", "127.0.0.1", port)
    try await server.errorLine(containing: "refused 127.0.0.2")
    #expect(try await sockkit("connect", "127.0.0.1", port) == Finished(.exit(0), output: "x"))
    #expect(try await server.finished().ending == .exit(0))
  }
}
