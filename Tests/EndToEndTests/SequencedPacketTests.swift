// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Messages of `SOCK_SEQPACKET` keep their boundaries.
@Suite(.takingTurns)
struct SequencedPacketTests {
  /// A Python server for one client that prints the lengths of the messages it receives, and may send them back.
  private static func peer(at path: String, echoes: Bool = true) throws -> RunningProgram {
    try RunningProgram.python(
      """
      with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
          listener.bind(arguments[0])
          listener.listen()
          say("ready")
          connection = listener.accept()[0]
      messages = []
      while message := connection.recv(1 << 20):
          messages.append(message)
          if \(echoes ? "True" : "False"):
              connection.send(message)
      say([len(message) for message in messages])
      """, path)
  }

  @Test func `each line of connect is one message, whatever the pieces it is read in`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let peer = try Self.peer(at: path)
    try await peer.outputLine(containing: "ready")
    let client = RunningProgram.sockkit("connect", "--seqpacket", "unix:\(path)")
    client.send("one\ntwo and")
    try await client.outputLine(containing: "one")
    client.send(" a half\n" + String(repeating: "x", count: 70_000) + "\nlast")
    let end = try await client.finish()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(
      end.text == "one\ntwo and a half\n" + String(repeating: "x", count: 70_000) + "\nlast", "\(end)")
    // A line over 64 KiB is sent in pieces.
    #expect(try await peer.finished().text == "ready\n[4, 15, 65536, 4465, 4]\n")
  }

  @Test func `a last line without a newline is sent without a half-close too`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let peer = try Self.peer(at: path, echoes: false)
    try await peer.outputLine(containing: "ready")
    let client = RunningProgram.sockkit(
      "connect", "--seqpacket", "--no-shutdown", "-q", "10ms", "unix:\(path)",
      input: .bytes(Array("a\nlast".utf8)))
    #expect(try await client.finished().ending == .exit(0))
    #expect(try await peer.finished().text == "ready\n[2, 4]\n")
  }

  @Test func `listen sends lines as messages too, and writes what arrives as it is`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit(
      "listen", "-v", "--seqpacket", "-U", path, input: .bytes(Array("a\nbc\n".utf8)))
    try await server.errorLine(containing: "listening")
    let client = try await python(
      """
      with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
          client.connect(arguments[0])
          client.send(b"1\\n2")
          client.send(b"3")
          client.shutdown(socket.SHUT_WR)
          while message := client.recv(100):
              print(message)
      """, path)
    #expect(client == Finished(.exit(0), output: "b'a\\n'\nb'bc\\n'\n"))
    #expect(try await server.finished().text == "1\n23")
  }

  @Test(arguments: ["event", "thread", "fork"])
  func `echo-server sends each message back as one`(model: String) async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit("echo-server", "-v", "--seqpacket", "--model", model, "unix:\(path)")
    try await server.errorLine(containing: "listening")
    let client = try await python(
      """
      with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
          client.connect(arguments[0])
          messages = [b"a\\nb\\n", b"c", bytes(60_000), b"d"]
          for message in messages:
              client.send(message)
          client.shutdown(socket.SHUT_WR)
          print([client.recv(1 << 20) == message for message in messages], client.recv(1))
      """, path)
    #expect(client == Finished(.exit(0), output: "[True, True, True, True] b''\n"))
  }

  @Test func `a message that does not fit is an error and not cut`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit("echo-server", "-v", "--seqpacket", "unix:\(path)")
    try await server.errorLine(containing: "listening")
    let client = try await python(
      """
      with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
          client.connect(arguments[0])
          client.send(bytes(100_000))
          try:
              print(client.recv(1 << 20))
          except ConnectionResetError:
              print(b"")
      """, path)
    #expect(client == Finished(.exit(0), output: "b''\n"))
    try await server.errorLine(containing: "Message too long")
  }

  @Test func `types that do not match are an error`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let server = RunningProgram.sockkit(
      "listen", "-v", "--seqpacket", "unix:\(path)", input: .file("/dev/null"))
    try await server.errorLine(containing: "listening")
    #expect(
      try await sockkit("connect", "unix:\(path)")
        == Finished(
          .exit(69),
          errors:
            "sockkit: connect to unix:\(path): the socket is of another type (stream, datagram or seqpacket)\n"
        ))
    #expect(try await sockkit("connect", "--seqpacket", "unix:\(path)") == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: [
    (
      ["connect", "--seqpacket", "127.0.0.1", "9"], "--seqpacket requires a Unix socket: unix:PATH or -U PATH"
    ),
    (["listen", "--seqpacket", "9"], "--seqpacket requires a Unix socket: unix:PATH or -U PATH"),
    (["echo-server", "--seqpacket", "9"], "--seqpacket requires a Unix socket: unix:PATH or -U PATH"),
    (["listen", "--seqpacket", "-k", "unix:s"], "--seqpacket is for one client: it excludes --keep-open"),
    (["echo-server", "--udp", "--seqpacket", "unix:s"], "--udp and --seqpacket exclude each other"),
    (
      ["connect", "--seqpacket", "unix:s", "--", "true"],
      "--seqpacket applies to standard input and output, which a command replaces"
    ),
    (
      ["connect", "--seqpacket", "--starttls", "smtp", "unix:s"],
      "--seqpacket keeps message boundaries: it excludes --starttls"
    ),
    (
      ["listen", "--seqpacket", "--tls", "--tls-self-signed", "unix:s"],
      "--seqpacket keeps message boundaries: it excludes --tls"
    ),
    (
      ["echo-server", "--seqpacket", "--tls", "--tls-self-signed", "unix:s"],
      "--seqpacket keeps message boundaries: it excludes --tls"
    ),
    (["connect", "--seqpacket", "--blocking", "unix:s"], "--seqpacket and --blocking exclude each other"),
  ])
  func `--seqpacket is refused where it has no meaning`(words: [String], message: String) async throws {
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }
}
