// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Glibc
import TestSupport
import Testing

/// Servers whose sockets another process has opened.
@Suite(.takingTurns)
struct ActivationTests {
  private static func start(
    _ sockets: [Program.Passed], names: String? = nil, isActivated: Bool = true, _ words: String...
  ) throws -> RunningProgram {
    RunningProgram(
      try .activated(sockets, names: names, isActivated: isActivated, words), input: .file("/dev/null"))
  }

  private static func run(
    _ sockets: [Program.Passed], names: String? = nil, isActivated: Bool = true, _ words: String...
  ) async throws -> Finished {
    let program = try Program.activated(sockets, names: names, isActivated: isActivated, words)
    return try await RunningProgram(program, input: .file("/dev/null")).finished()
  }

  @Test(arguments: ServedModel.all)
  func `a server accepts on a socket that was passed`(served: ServedModel) async throws {
    let server = RunningProgram(
      try .activated([.listener], served.arguments(at: "systemd")), input: .file("/dev/null"))
    let port = try await server.printedPort()
    #expect(try await server.announcedPort() == port)
    try await served.clients("ask(connected(arguments[0]))\nask(connected(arguments[0]))", "\(port)")
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a directory with the name of the address is no reason to refuse it`() async throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.file("systemd"), withIntermediateDirectories: false)
    let result = try await shell("cd $1 && exec sockkit http-server systemd systemd", directory.path)
    #expect(result.ending == .exit(64) && result.errors.contains("no sockets were passed"), "\(result)")
  }

  @Test func `a forwarder accepts on a socket that was passed`() async throws {
    let target = RunningProgram.sockkit("echo-server", "-v", "127.0.0.1:0")
    let forwarder = try Self.start(
      [.listener], "forward", "-v", "systemd", "127.0.0.1:\(try await target.announcedPort())")
    let port = try await forwarder.announcedPort()
    let client = try await sockkit("connect", "127.0.0.1", "\(port)", input: .bytes(Array("well".utf8)))
    #expect(client == Finished(.exit(0), output: "well"))
  }

  @Test func `a descriptor is used without the variables of a service manager`() async throws {
    let server = try Self.start([.listener], isActivated: false, "listen", "-v", "fd:3")
    let port = try await server.announcedPort()
    let client = try await sockkit("connect", "127.0.0.1", "\(port)", input: .bytes(Array("well".utf8)))
    #expect(client.ending == .exit(0))
    let end = try await server.finished()
    #expect(end.ending == .exit(0) && end.text.hasSuffix("\nwell"), "\(end)")
  }

  @Test func `a name selects among the sockets, and without one all are used`() async throws {
    for (address, count) in [("systemd:web", 1), ("systemd:admin", 2), ("systemd", 3)] {
      let server = try Self.start(
        [.listener, .listener, .local], names: "web:admin:admin", "echo-server", "-v", address)
      for number in 1...count { try await server.errorLine(containing: "listening on", number: number) }
      server.signal(SIGTERM)
      let end = try await server.finished()
      #expect(end.errorLines.filter { $0.contains("listening on") }.count == count, "\(end)")
    }
  }

  @Test func `the file of a Unix socket and its queue are left to the process that opened it`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let words = ["-l", path, "--fdname=here", "sockkit", "listen", "-v", "systemd:here"]
    let server = RunningProgram(
      try .other("systemd-socket-activate", package: "systemd", words), input: .file("/dev/null"))
    try await server.errorLine(containing: "Listening on")
    let client = try await sockkit("connect", "unix:\(path)", input: .bytes(Array("well".utf8)))
    #expect(client.ending == .exit(0), "\(client)")
    #expect(try await server.finished().text == "well")
    #expect(directory.has("socket"))
  }

  @Test func `a command sees neither the sockets nor the variables`() async throws {
    let server = try Self.start(
      [.listener], names: "web", "listen", "-v", "systemd", "--sh-exec",
      "env | grep -c '^\\(LISTEN\\|NOTIFY\\|WATCHDOG\\)_'; [ -e /proc/$$/fd/3 ] || echo closed")
    let client = try await sockkit("connect", "127.0.0.1", "\(try await server.announcedPort())")
    #expect(client == Finished(.exit(0), output: "0\nclosed\n"))
  }

  @Test(arguments: [
    ("fd:9", "listen on fd:9: descriptor 9 is not open"), ("fd:3", "listen on fd:3: it is not a socket"),
    ("fd:4", "listen on fd:4: it is a datagram socket, which accepts no connections"),
    ("fd:5", "listen on fd:5: it keeps messages apart (use --seqpacket)"),
    ("systemd", "listen on systemd, descriptor 3: it is not a socket"),
    ("systemd:web", "listen on systemd:web: no socket of this name was passed (there are: unknown)"),
  ])
  func `a socket that cannot be used is a usage error`(address: String, problem: String) async throws {
    let end = try await Self.run([.file, .datagram, .sequenced], "listen", address)
    #expect(end.ending == .exit(64) && end.errors == "sockkit: \(problem)\n", "\(end)")
  }

  @Test func `variables for another process activate nothing`() async throws {
    let script = """
      os.environ.update(LISTEN_FDS="1", LISTEN_PID="1")
      os.execvp("sockkit", ["sockkit", "echo-server", "systemd"])
      """
    #expect(
      try await python(script)
        == Finished(
          .exit(64),
          errors: "sockkit: listen on systemd: no sockets were passed (a service manager sets LISTEN_FDS and "
            + "LISTEN_PID)\n"))
  }

  @Test func `sockets that no address names are reported, and not used`() async throws {
    let server = try Self.start([.listener, .listener], "echo-server", "-v", "127.0.0.1:0")
    let port = try await server.announcedPort()
    try await server.outputLine(containing: "port ")
    server.signal(SIGTERM)
    let end = try await server.finished()
    #expect(
      end.errorLines.first == "sockkit: 2 sockets that were passed are not used: the address 'systemd' would "
        + "use them", "\(end)")
    #expect(!end.text.contains("port \(port)\n"), "\(end)")
  }

  @Test func `messages are kept apart on a socket that was passed`() async throws {
    let server = try Self.start([.sequenced], "echo-server", "-v", "--seqpacket", "systemd")
    let name = try await server.outputLine(containing: "name ").dropFirst("name ".count)
    let result = try await python(
      """
      client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
      client.connect("\\0" + arguments[0])
      client.send(b"one")
      client.send(b"two")
      say(client.recv(100), client.recv(100))
      """, String(name))
    #expect(result == Finished(.exit(0), output: "b'one' b'two'\n"))
  }

  @Test(arguments: [
    (
      ["listen", "-4", "systemd"], "-4, -6, -s and -p do not apply to systemd, a socket that is open already"
    ),
    (
      ["listen", "-p", "80", "fd:3"], "-4, -6, -s and -p do not apply to fd:3, a socket that is open already"
    ),
    (["listen", "systemd:"], "'systemd:' has no name: expected systemd:NAME"),
    (["listen", "fd:web"], "'fd:web' is not a descriptor: expected fd:NUMBER"),
    (["echo-server", "systemd", "80"], "one word too many: '80'"),
    (["echo-server", "--workers", "2", "systemd"], "--workers: an inherited socket has one listener only"),
    (["echo-server", "--backlog", "2", "systemd"], "--backlog: an inherited socket has its backlog already"),
    (["listen", "--reuse-port", "fd:3"], "--reuse-port: an inherited socket is bound already"),
    (["forward", "--workers", "2", "fd:3", "a:1"], "--workers: an inherited socket has one listener only"),
    (["forward", "-6", "fd:3", "a:1"], "-4 and -6 do not apply to fd:3, a socket that is open already"),
  ])
  func `options for a socket that is yet to be opened are refused`(
    words: [String], problem: String
  ) async throws {
    #expect(try await sockkit(words) == .usage(problem, of: words[0]))
  }
}
