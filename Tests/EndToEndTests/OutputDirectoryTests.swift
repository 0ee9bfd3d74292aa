// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import TestSupport
import Testing

/// `listen --output-dir`.
@Suite(.takingTurns)
struct OutputDirectoryTests {
  @Test func `two hundred clients at once have a file each, to the byte`() async throws {
    let directory = try TemporaryDirectory()
    let server = KeepOpenTests.start("--recv-only", "--output-dir", directory.path, limit: 60)
    try await KeepOpenTests.clients(
      of: server,
      """
      import random
      rest = {connected(port): os.urandom(random.randrange(100000)) for _ in range(200)}
      digests = {str(client.getsockname()[1]): hashlib.sha256(text).digest() for client, text in rest.items()}
      while rest:
          client = random.choice(list(rest))
          count = random.randrange(1, 30000)
          client.sendall(rest[client][:count])
          rest[client] = rest[client][count:]
          if not rest[client]:
              client.shutdown(socket.SHUT_WR)
              assert client.recv(1) == b""
              del rest[client]
      words = open(f"/proc/{server}/cmdline").read().split("\\0")
      directory = words[words.index("--output-dir") + 1]
      names = os.listdir(directory)
      assert len(names) == 200
      for name in names:
          text = open(os.path.join(directory, name), "rb").read()
          assert digests.pop(name.split("_")[2]) == hashlib.sha256(text).digest(), name
      os.kill(server, signal.SIGTERM)
      """)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `without -k the one connection has its file, and its end is the end`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      "listen", "-v", "--output-dir", directory.path, "127.0.0.1:0", input: .bytes(Array("answer".utf8)))
    let port = "\(try await server.announcedPort())"
    #expect(
      try await sockkit("connect", "127.0.0.1", port, input: .bytes(Array("sent".utf8)))
        == Finished(.exit(0), output: "answer"))
    #expect(try await server.finished().ending == .exit(0))
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(names.count == 1 && names[0].hasSuffix("_1"))
    #expect(try directory.read(names[0]) == Array("sent".utf8))
  }

  @Test(arguments: ["127.0.0.1:0", "-U"], [[], ["-k"]])
  func `a client that leaves while it is sent a file is told of`(place: String, flags: [String]) async throws
  {
    let directory = try TemporaryDirectory()
    let file = try directory.write(String(repeating: "x", count: 8 << 20), to: "file")
    let path = directory.file("socket")
    let server = RunningProgram(
      .sockkit(
        ["listen", "-v", "--output-dir", directory.path] + flags + (place == "-U" ? [place, path] : [place])),
      input: .file(file))
    if place == "-U" { try await server.errorLine(containing: "listening on ") }
    let port = place == "-U" ? "" : "\(try await server.announcedPort())"
    let script = """
      if arguments[0]:
          connected(arguments[0]).close()
      else:
          client = socket.socket(socket.AF_UNIX)
          client.connect(arguments[1])
          client.close()
      """
    #expect(try await python(script, port, path).ending == .exit(0))
    try await server.errorLine(containing: "closed ")
    if !flags.isEmpty { server.signal(SIGTERM) }
    let end = try await server.finished()
    #expect(end.ending == .exit(flags.isEmpty ? 74 : 0), "\(end)")
    // The error of a send or, if bytes were left unread, of a receive.
    #expect(end.errors.contains(/: (Broken pipe|Connection reset by peer)\n/), "\(end)")
  }

  @Test func `a client that resets leaves what arrived, and ends a listen without -k with 74`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit(
      "listen", "-v", "--output-dir", directory.path, "127.0.0.1:0", input: .pipe)
    let script = """
      watch = changes(arguments[1], 2)  # IN_MODIFY
      client = connected(arguments[0])
      client.sendall(b"begun")
      os.read(watch, 4096)
      reset(client)
      """
    #expect(
      try await python(script, "\(try await server.announcedPort())", directory.path).ending == .exit(0))
    let end = try await server.finished().generalized
    #expect(end.ending == .exit(74))
    #expect(end.errorLines.last == "sockkit: receive from 127.0.0.1:PORT: Connection reset by peer", "\(end)")
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(try names.map(directory.read) == [Array("begun".utf8)])
  }

  @Test func `a disk that is full is told of, resets the client, and ends it with 74`() async throws {
    // More than the system acknowledges before the server has read any of it.
    let finished = try await PrivateNetwork(.none).shell(
      """
      mkdir full && mount -t tmpfs -o size=64k none full || exit 98
      sockkit listen -k --port-file port --output-dir full 127.0.0.1:0 < /dev/null &
      until [ -e port ]; do sleep 0.02; done
      head -c 50000000 /dev/zero | sockkit connect 127.0.0.1 $(cat port) 2> errors
      echo client $?
      wait $!
      echo server $?
      """)
    #expect(finished.text == "client 74\nserver 74\n", "\(finished)")
    #expect(finished.errors.contains("No space left on device"), "\(finished)")
  }

  @Test func `a directory that is missing is status 73, before anybody is let in`() async throws {
    #expect(
      try await sockkit("listen", "-k", "-v", "--output-dir", "/nonexistent", "0")
        == Finished(.exit(73), errors: "sockkit: open /nonexistent: No such file or directory\n"))
  }

  @Test func `a lack of descriptors for files is waited out`() async throws {
    let directory = try TemporaryDirectory()
    let files = directory.file("files")
    try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: false)
    let server = RunningProgram(
      .shell(
        "ulimit -n 15; exec sockkit listen -k --port-file \"$1\" --output-dir \"$2\" 127.0.0.1:0",
        [directory.file("port"), files]), input: .file("/dev/null"))
    let script = """
      clients = [connected(arguments[0]) for _ in range(20)]
      for number, client in enumerate(clients):
          client.sendall(b"%d\\n" % number)
          client.shutdown(socket.SHUT_WR)
      for client in clients:
          assert client.recv(1) == b""
      """
    let end = try await python(script, "\(try await directory.waitForPort("port"))")
    #expect(end.ending == .exit(0), "\(end)")
    server.signal(SIGTERM)
    let log = try await server.finished()
    #expect(log.ending == .exit(0), "\(log)")
    #expect(log.errorLines.contains { $0.hasSuffix("Too many open files") }, "\(log)")
    let names = try FileManager.default.contentsOfDirectory(atPath: files)
    let contents = try names.map { String(decoding: try directory.read("files/\($0)"), as: UTF8.self) }
    #expect(Set(contents) == Set((0..<20).map { "\($0)\n" }))
  }
}
