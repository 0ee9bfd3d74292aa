// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Receivers of datagrams whose sockets another process has opened.
@Suite(.takingTurns)
struct InheritedReceiverTests {
  private static func start(
    _ sockets: [Program.Passed], names: String? = nil, _ words: String...
  ) throws -> RunningProgram {
    RunningProgram(try .activated(sockets, names: names, words), input: .file("/dev/null"))
  }

  @Test(arguments: ["systemd", "fd:3"])
  func `udp-recv receives and answers on a socket that was passed`(address: String) async throws {
    let receiver = try Self.start([.datagram], "udp-recv", "-v", "--raw", "-c", "1", "--echo", address)
    let port = try await receiver.printedPort()
    try await receiver.errorLine(containing: "listening on 127.0.0.1:\(port) (udp)")
    let sender = try await sockkit("udp-send", "--expect", "1", "127.0.0.1", "\(port)", "well")
    #expect(sender.ending == .exit(0) && sender.text.contains("well"), "\(sender)")
    let end = try await receiver.finished()
    #expect(end.ending == .exit(0) && end.text == "port \(port)\nwell", "\(end)")
  }

  @Test(arguments: ServedModel.models)
  func `an echo server takes sockets of both types`(model: String) async throws {
    let server = try Self.start(
      [.datagram, .listener, .file], names: "echo:echo:other", "echo-server", "-v", "--tcp", "--udp",
      "--model",
      model, "systemd:echo")
    let udp = try await server.printedPort()
    let line = try await server.errorLine(containing: "(tcp)")
    let tcp = try #require(line.split(separator: ":").last?.split(separator: " ").first)
    let result = try await python(
      """
      sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      sender.connect(("127.0.0.1", int(arguments[0])))
      sender.send(b"datagram")
      client = connected(arguments[1])
      client.sendall(b"stream")
      say(sender.recv(100), client.recv(100))
      """, "\(udp)", String(tcp))
    #expect(result == Finished(.exit(0), output: "b'datagram' b'stream'\n"))
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: ["127.0.0.1", "0.0.0.0", "::"])
  func `a datagram that arrived before the program started is answered`(address: String) async throws {
    let result = try await python(
      """
      family = socket.AF_INET6 if ":" in arguments[0] else socket.AF_INET
      receiver = socket.socket(family, socket.SOCK_DGRAM)
      if family == socket.AF_INET6:
          receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
      receiver.bind((arguments[0], 0))
      sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      sender.connect(("127.0.0.1", receiver.getsockname()[1]))
      sender.send(b"well")
      words = ["sockkit", "udp-recv", "--echo", "--inetd", "-c", "1", "--json"]
      record = json.loads(subprocess.run(words, stdin=receiver, stdout=subprocess.PIPE, timeout=40).stdout)
      say(record["text"], record["destination"]["address"], sender.recv(100))
      """, address)
    #expect(result == Finished(.exit(0), output: "well 127.0.0.1 b'well'\n"))
  }

  @Test func `standard input can be the socket`() async throws {
    let result = try await python(
      """
      receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      receiver.bind(("127.0.0.1", 0))
      sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      sender.connect(receiver.getsockname())
      sender.send(b"well")
      words = ["sockkit", "udp-recv", "--inetd", "-c", "1", "--raw"]
      say(subprocess.run(words, stdin=receiver, stdout=subprocess.PIPE, timeout=40).stdout)
      words = ["sockkit", "echo-server", "--udp", "--inetd"]
      server = subprocess.Popen(words, stdin=receiver, stdout=receiver, stderr=receiver)
      sender.send(b"again")
      say(sender.recv(100))
      server.terminate()
      say(server.wait(40))
      """)
    #expect(result == Finished(.exit(0), output: "b'well'\nb'again'\n0\n"))
  }

  @Test(arguments: [
    (["udp-recv", "fd:3"], "receive on fd:3: it is not a datagram socket"),
    (["udp-recv", "systemd"], "receive on systemd, descriptor 3: it is not a datagram socket"),
    (["echo-server", "--udp", "fd:3"], "receive on fd:3: it is not a datagram socket"),
    (
      ["echo-server", "systemd"],
      "listen on systemd, descriptor 4: it is a datagram socket, which accepts no connections"
    ),
    (["echo-server", "--tcp", "--udp", "fd:4"], "listen on fd:4: no stream socket was passed"),
    (["echo-server", "--tcp", "--udp", "fd:3"], "receive on fd:3: no datagram socket was passed"),
  ])
  func `a socket of the other type is a usage error`(words: [String], problem: String) async throws {
    let program = try Program.activated([.listener, .datagram], words)
    let end = try await RunningProgram(program, input: .file("/dev/null")).finished()
    #expect(end.ending == .exit(64) && end.errors == "sockkit: \(problem)\n", "\(end)")
  }
}
