// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import TestSupport
import Testing

/// `--blocking` makes the calls of a first program with sockets.
@Suite(.takingTurns)
struct BlockingTests {
  @Test func `bytes go both ways, through calls that block`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--trace", "--blocking", "127.0.0.1", "0")
    let port = try await server.announcedPort()
    let client = RunningProgram.sockkit("connect", "--trace", "--blocking", "127.0.0.1", "\(port)")
    client.send("ping\n")
    try await server.outputLine(containing: "ping")
    server.send("pong\n")
    try await client.outputLine(containing: "pong")
    client.closeInput()
    server.closeInput()
    let (near, far) = (try await client.finished(), try await server.finished())
    for (end, text) in [(near, "pong\n"), (far, "ping\n")] {
      #expect(end.ending == .exit(0), "\(end)")
      #expect(end.text == text)
      #expect(!end.errors.contains("EAGAIN"), "\(end)")
      #expect(!end.errors.contains("epoll"), "\(end)")
      #expect(end.errorLines.contains { $0.contains("recv(") && $0.contains(" = 5 ") }, "\(end)")
    }
    #expect(!near.errors.contains("EINPROGRESS"), "\(near)")
  }

  @Test func `without it a call that would block says so`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--trace", "127.0.0.1", "0")
    let client = RunningProgram.sockkit(
      "connect", "--trace", "127.0.0.1", "\(try await server.announcedPort())")
    try await client.errorLine(containing: "EINPROGRESS")
    client.closeInput()
    #expect(try await server.finish().ending == .exit(0))
    #expect(try await client.finished().ending == .exit(0))
  }

  @Test func `megabytes arrive whole in both directions at once`() async throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
    let server = RunningProgram.sockkit("listen", "-v", "--blocking", "127.0.0.1", "0", input: .bytes(bytes))
    let client = try await sockkit(
      "connect", "--blocking", "127.0.0.1", "\(server.announcedPort())", input: .bytes(bytes.reversed()))
    #expect(client.ending == .exit(0) && client.output == bytes, "\(client)")
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.output == bytes.reversed(), "\(end)")
  }

  @Test func `a Unix socket blocks too`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit(
      "listen", "-v", "--blocking", "-U", path, input: .bytes(Array("pong".utf8)))
    try await server.errorLine(containing: "listening")
    #expect(
      try await sockkit("connect", "--blocking", "-U", path, input: .bytes(Array("ping".utf8)))
        == Finished(.exit(0), output: "pong"))
    #expect(try await server.finished().text == "ping")
  }

  @Test func `a reset is status 74`() async throws {
    let peer = try RunningProgram.python("connection = accepted(); connection.recv(1); reset(connection)")
    let client = RunningProgram.sockkit(
      "connect", "--blocking", "127.0.0.1", "\(try await peer.printedPort())")
    client.send("x")
    let end = try await client.finished()
    #expect(end.ending == .exit(74), "\(end)")
    #expect(end.errors.hasSuffix(": Connection reset by peer\n"), "\(end)")
  }

  @Test func `nobody at the port is status 69`() async throws {
    let port = SilentPort()
    #expect(
      try await sockkit("connect", "--blocking", "127.0.0.1", "\(port.number)")
        == Finished(
          .exit(69), errors: "sockkit: connect to 127.0.0.1:\(port.number): Connection refused\n"))
  }

  @Test func `a signal ends a call that blocks`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "--blocking", "127.0.0.1", "0")
    _ = try await server.announcedPort()
    server.signal(SIGINT)
    #expect(try await server.finished().ending == .signal(SIGINT))
  }

  @Test func `a denied client does not count as the one`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--blocking", "--deny", "127.0.0.2", "127.0.0.1", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    #expect(try await python("turned_away(arguments[0])", "\(port)").ending == .exit(0))
    #expect(try await sockkit("connect", "127.0.0.1", "\(port)") == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: [
    ["connect", "-w", "1", "h", "1"], ["connect", "-i", "1", "h", "1"], ["connect", "-C", "h", "1"],
    ["listen", "--chat", "1"], ["listen", "-w", "1", "1"], ["listen", "--broker", "1"],
    ["listen", "--recv-only", "1"], ["connect", "--progress", "h", "1"],
    ["connect", "--tls", "h", "1"], ["connect", "--starttls", "smtp", "h", "1"],
    ["listen", "--tls", "--tls-self-signed", "1"],
  ])
  func `--blocking excludes what the plainest calls cannot do`(words: [String]) async throws {
    let result = try await sockkit([words[0], "--blocking"] + words.dropFirst())
    #expect(
      result
        == .usage("--blocking uses plain blocking calls: it excludes \(words[1])", of: words[0]), "\(result)")
  }
}
