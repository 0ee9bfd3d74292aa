// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `-v` shows the value that the kernel reports.
@Suite(.takingTurns)
struct SocketOptionTests {
  private static let cases = [
    ("--send-buffer 64K", "send-buffer is 131072"), ("--receive-buffer 32KiB", "receive-buffer is 65536"),
    ("--no-delay", "no-delay is on"), ("--keepalive 7s", "keepalive is 7"), ("--linger 2", "linger is 2"),
    ("--linger 0", "linger is 0"), ("--ttl 9", "ttl is 9"), ("--dscp ef", "dscp is 46"),
    ("--dscp CS1", "dscp is 8"), ("--dscp 0x2e", "dscp is 46"), ("--interface lo", "interface is lo"),
    ("--congestion reno", "congestion is reno"), ("--congestion cubic", "congestion is cubic"),
    ("--tos lowdelay", "tos is 16"), ("--tos 0xb8", "tos is 184"), ("--min-ttl 3", "min-ttl is 3"),
    ("--cork", "cork is on"), ("--quick-ack", "quick-ack is on"),
    ("--sockopt tcp:nodelay:1", "sockopt tcp:nodelay is 1"), ("--sockopt 6:1:1", "sockopt 6:1 is 1"),
    ("--sockopt SOL_SOCKET:SO_PRIORITY:5", "sockopt SOL_SOCKET:SO_PRIORITY is 5"),
    ("--sockopt tcp:congestion:string:reno", "sockopt tcp:congestion is reno"),
    ("--sockopt tcp:syncnt:hex:02000000", "sockopt tcp:syncnt is hex:02000000"),
  ]

  @Test(arguments: cases)
  func `connect sets a socket option and shows its value`(option: String, line: String) async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let words = ["connect", "-v", "127.0.0.1", "\(try await server.announcedPort())"] + Self.words(option)
    let result = try await sockkit(words, input: .bytes([1]))
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.errorLines.contains("sockkit: \(line)"), "\(result)")
    #expect(try await server.finished().output == [1])
  }

  @Test(arguments: cases)
  func `listen hands a socket option on to the connection`(option: String, line: String) async throws {
    let server = RunningProgram(
      .sockkit(["listen", "-v", "127.0.0.1", "0"] + Self.words(option)), input: .file("/dev/null"))
    #expect(try await sockkit("connect", "127.0.0.1:\(server.announcedPort())") == Finished(.exit(0)))
    let end = try await server.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.errorLines.contains("sockkit: \(line)"), "\(end)")
  }

  @Test(arguments: [
    ("--ttl 9", "ttl is 9"), ("--dscp af41", "dscp is 34"), ("--tos 8", "tos is 8"),
    ("--min-ttl 9", "min-ttl is 9"),
  ])
  func `IPv6 has options of its own under the same names`(option: String, line: String) async throws {
    let server = RunningProgram.sockkit("listen", "-v", "::1", "0", input: .file("/dev/null"))
    let words = ["connect", "-v", "::1", "\(try await server.announcedPort())"] + Self.words(option)
    let result = try await sockkit(words)
    #expect(result.errorLines.contains("sockkit: \(line)"), "\(result)")
  }

  @Test func `several options are all shown, and none that was not asked for`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let result = try await sockkit(
      "connect", "-v", "--ttl=9", "--no-delay", "127.0.0.1:\(server.announcedPort())")
    #expect(result.errorLines.count { $0.contains(" is ") } == 2, "\(result)")
  }

  @Test func `a Unix socket has buffers too`() async throws {
    let directory = try TemporaryDirectory()
    let server = RunningProgram.sockkit("listen", "-v", "-U", directory.file("s"), input: .file("/dev/null"))
    try await server.errorLine(containing: "listening")
    let result = try await sockkit("connect", "-v", "--send-buffer", "64K", "-U", directory.file("s"))
    #expect(result.errorLines.contains("sockkit: send-buffer is 131072"), "\(result)")
  }

  @Test func `a record has a number for a number, a text for a name and a truth value for a flag`()
    async throws
  {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let result = try await sockkit(
      "connect", "--log-format=json", "--ttl=9", "--no-delay", "--interface=lo",
      "127.0.0.1:\(server.announcedPort())")
    for part in [#""name":"ttl","#, #""value":9}"#, #""value":true}"#, #""value":"lo"}"#] {
      #expect(result.errors.contains(part), "\(result)")
    }
  }

  @Test func `--linger 0 resets a connection that is left in the middle`() async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      connection.recv(1)
      try:
          say("ended", connection.recv(1))
      except ConnectionResetError:
          say("reset")
      """)
    let client = RunningProgram.sockkit(
      "connect", "--linger", "0", "-q", "0", "--no-shutdown", "127.0.0.1:\(try await peer.printedPort())")
    client.send("x")
    #expect(try await client.finish().ending == .exit(0))
    #expect(try await peer.finished().text.hasSuffix("reset\n"))
  }

  @Test(arguments: [["echo-server"], ["calc-server"], ["http-server", "--text", "hi"]])
  func `--linger 0 of a server resets a connection that has finished`(server: [String]) async throws {
    let running = RunningProgram(.sockkit(server + ["-v", "--linger", "0", "127.0.0.1:0"]))
    let result = try await python(
      """
      client = connected(arguments[0])
      client.shutdown(socket.SHUT_WR)
      try:
          print("ended", client.recv(100))
      except ConnectionResetError:
          print("reset")
      """, "\(running.announcedPort())")
    #expect(result.text == "reset\n", "\(result)")
  }

  @Test func `--linger of a server is about connections`() async throws {
    let result = try await sockkit("echo-server", "--udp", "--linger", "1", "0")
    #expect(
      result
        == .usage(
          "--linger has no effect with --udp alone, which accepts no connections", of: "echo-server"))
  }

  @Test func `--no-reuse-address refuses a port that has connections in TIME_WAIT`() async throws {
    // The side that closes first keeps the port for a minute.
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    let client = try await python(
      """
      client = connected(arguments[0])
      say(received(client))
      """, "\(port)")
    #expect(client.ending == .exit(0), "\(client)")
    #expect(try await server.finished().ending == .exit(0))
    let refused = try await sockkit("listen", "--no-reuse-address", "127.0.0.1", "\(port)")
    #expect(
      refused
        == Finished(
          .exit(73), errors: "sockkit: bind to 127.0.0.1:\(port): Address already in use\n"))
    let next = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "\(port)", input: .file("/dev/null"))
    #expect(try await next.announcedPort() == port)
    #expect(try await sockkit("connect", "127.0.0.1", "\(port)") == Finished(.exit(0)))
    #expect(try await next.finished().ending == .exit(0))
  }

  @Test(arguments: ["listen", "echo-server", "http-server", "udp-recv"])
  func `--no-reuse-address needs a socket of IP`(subcommand: String) async throws {
    let result = try await sockkit(subcommand, "--no-reuse-address", "unix:/nonexistent/socket")
    #expect(
      result == .usage("--no-reuse-address: a Unix socket has no connections in TIME_WAIT", of: subcommand))
  }

  @Test func `a signal ends a connection at once, whatever --linger asks for`() async throws {
    // The peer reads nothing and has little room, so that bytes are unsent when the half-close is made.
    let result = try await python(
      """
      import signal, socket, subprocess
      listener = socket.socket()
      listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
      listener.bind(("127.0.0.1", 0))
      listener.listen()
      port = str(listener.getsockname()[1])
      program = subprocess.Popen(
          ["sockkit", "connect", "--trace", "--linger", "600", "127.0.0.1", port],
          stdin=subprocess.PIPE, stderr=subprocess.PIPE)
      connection = listener.accept()[0]
      program.stdin.write(bytes(200_000))
      program.stdin.close()
      for line in program.stderr:
          if line.startswith(b"shutdown(") or b" shutdown(" in line:
              break
      program.send_signal(signal.SIGINT)
      print(program.wait(20))
      """)
    #expect(result.ending == .exit(0), "\(result)")
    #expect(result.text == "-2\n", "\(result)")
  }

  @Test func `--fast-open carries the first bytes either way`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--fast-open", "--trace", "127.0.0.1", "0", input: .bytes(Array("pong".utf8)))
    let client = try await sockkit(
      "connect", "--fast-open", "--trace", "127.0.0.1:\(server.announcedPort())",
      input: .bytes(Array("ping".utf8)))
    #expect(client.ending == .exit(0), "\(client)")
    #expect(client.text == "pong")
    #expect(client.errors.contains("TCP_FASTOPEN_CONNECT, 1) = 0"))
    let end = try await server.finished()
    #expect(end.text == "ping")
    #expect(end.errors.contains("TCP_FASTOPEN, "), "\(end)")
  }

  @Test func `--fast-open to a port that nobody listens on is status 69`() async throws {
    let port = SilentPort()
    let result = try await sockkit("connect", "--fast-open", "127.0.0.1", "\(port.number)")
    #expect(result.ending == .exit(69), "\(result)")
    #expect(result.errors == "sockkit: connect to 127.0.0.1:\(port.number): Connection refused\n")
  }

  @Test func `--mptcp makes sockets of that protocol`() async throws {
    let setting = try? String(contentsOfFile: "/proc/sys/net/mptcp/enabled", encoding: .utf8)
    try await withKnownIssue("this kernel has Multipath TCP turned off") {
      let server = RunningProgram.sockkit(
        "listen", "-v", "--mptcp", "--trace", "127.0.0.1", "0", input: .bytes(Array("pong".utf8)))
      let client = try await sockkit(
        "connect", "--mptcp", "--trace", "127.0.0.1:\(server.announcedPort())",
        input: .bytes(Array("ping".utf8)))
      #expect(client.ending == .exit(0), "\(client)")
      #expect(client.text == "pong")
      #expect(client.errors.contains("socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP) = "), "\(client)")
      #expect(try await server.finished().text == "ping")
    } when: {
      setting?.first != "1"
    }
  }

  private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
}
