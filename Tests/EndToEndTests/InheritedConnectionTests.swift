// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

/// Servers for a single connection, which another process has accepted.
@Suite(.takingTurns)
struct InheritedConnectionTests {
  /// How a program gets its connection.
  enum Way: String, CaseIterable {
    /// As the standard streams, errors included.
    case inetd
    /// As standard input and output.
    case streams
    /// As descriptor 3, by a service manager.
    case activated
  }

  /// A Python script in which `served(way, words, data)` runs a `sockkit` with a connection, sends it data and a
  /// half-close, and returns what the client has received, whether it saw a reset, the status and the messages.
  private static let script = """
    def served(way, words, data=b"well\\n", kind=socket.SOCK_STREAM):
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname())
        accepted = server.accept()[0]
        accepted.settimeout(None)
        server.close()
        if way == "activated":
            start = ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec sockkit "$@" 3<&0 0<&-', "sh"]
            process = subprocess.Popen(start + words + ["systemd"], stdin=accepted, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
        else:
            process = subprocess.Popen(["sockkit"] + words + ["--inetd"], stdin=accepted, stdout=accepted,
                stderr=accepted if way == "inetd" else subprocess.PIPE)
        accepted.close()
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer, isReset = b"", False
        try:
            while part := client.recv(1 << 16):
                answer += part
        except ConnectionResetError:
            isReset = True
        output, errors = process.communicate(timeout=40)
        return answer, isReset, process.returncode, output, errors


    """

  private static func run(_ script: String, _ arguments: [String]) async throws -> Finished {
    try await RunningProgram(
      try .python(Self.script + script, arguments), input: .file("/dev/null")
    ).finished()
  }

  @Test(arguments: ServedModel.models, Way.allCases)
  func `a server serves the connection and ends`(model: String, way: Way) async throws {
    let result = try await Self.run(
      """
      answer, isReset, status, output, errors = served(*arguments[:1], ["echo-server", "-v", "--model", arguments[1]])
      assert (answer, isReset, status, output or b"") == (b"well\\n", False, 0, b""), (answer, isReset, status, errors)
      assert arguments[0] == "inetd" or b"accepted" in errors and b"closed" in errors, errors
      assert b"listening" not in (errors or b"")
      answer = served(arguments[0], ["http-server", "--text", "well", "--model", arguments[1]],
          b"GET / HTTP/1.0\\r\\n\\r\\n")
      assert answer[0].endswith(b"\\r\\n\\r\\nwell") and answer[2] == 0, answer
      """, [way.rawValue, model])
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: Way.allCases)
  func `listen gives the connection to a command, answers it, or receives from it`(way: Way) async throws {
    let result = try await Self.run(
      """
      way = arguments[0]
      for words, answer, status in [
          (["--sh-exec", "cat; echo done; exit 3"], b"well\\ndone\\n", 3),
          (["-k", "--sh-exec", "cat"], b"well\\n", 0), (["-k", "--stats", "--sh-exec", "cat"], b"well\\n", 0),
          (["--reply", "answer"], b"answer", 0), (["-k"], b"", 0), ([], b"", 0), (["--blocking"], b"", 0)]:
          result = served(way, ["listen"] + words)
          assert result[:3] == (answer, False, status), (words, result)
          if way == "activated" and not any("exec" in word for word in words):
              assert result[3] == b"well\\n", (words, result)
      """, [way.rawValue])
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [
    (["echo-server"], 0), (["echo-server", "--model", "fork"], 0), (["echo-server", "--model", "thread"], 0),
    (["listen"], 77), (["listen", "--blocking"], 77), (["listen", "--reply", "x"], 77),
    (["listen", "-k"], 0),
    (["listen", "-k", "--sh-exec", "cat"], 0), (["forward"], 0),
  ])
  func `a peer that may not connect ends the program`(words: [String], status: Int) async throws {
    let result = try await Self.run(
      """
      target = ["127.0.0.1:9"] if arguments[1] == "forward" else []
      result = served("streams", arguments[1:] + ["--deny", "127.0.0.0/8"] + target, b"")
      assert result[0] == b"" and result[2] == int(arguments[0]), result
      """, ["\(status)"] + words)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [["echo-server"], ["echo-server", "--model", "fork"], ["listen", "-k"]])
  func `a client that does not speak TLS ends the program`(words: [String]) async throws {
    let result = try await Self.run(
      """
      result = served("streams", arguments + ["-v", "--tls", "--tls-self-signed"])
      assert result[0] == b"" and result[2] == 0 and b"the client does not speak TLS" in result[4], result
      """, words)
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test func `a forwarder passes the connection on`() async throws {
    let target = RunningProgram.sockkit("echo-server", "-v", "127.0.0.1:0")
    let result = try await Self.run(
      """
      result = served("streams", ["forward", arguments[0]])
      assert result[:3] == (b"well\\n", False, 0), result
      """, ["127.0.0.1:\(try await target.announcedPort())"])
    #expect(result == Finished(.exit(0)), "\(result)")
  }

  @Test(arguments: [
    ["echo-server", "-v"], ["echo-server", "-v", "--model", "fork"],
    ["echo-server", "-v", "--model", "thread"],
    ["listen", "-v", "-k"], ["listen", "-v", "-k", "--sh-exec", "exec sleep 60"],
  ])
  func `SIGTERM ends it while the connection is open`(words: [String]) async throws {
    let server = RunningProgram(
      try .activated([.connection], words + ["--grace", "100ms", "systemd"]), input: .file("/dev/null"))
    let client = RunningProgram.sockkit("connect", "127.0.0.1", "\(try await server.printedPort())")
    try await server.errorLine(containing: "accepted")
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
    _ = try await client.finished()
  }

  @Test func `systemd passes the connections of Accept=yes`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("socket")
    let words = ["--accept", "-l", path, "sockkit", "listen", "systemd", "--sh-exec", "cat"]
    let server = RunningProgram(
      try .other("systemd-socket-activate", package: "systemd", words), input: .file("/dev/null"))
    try await server.errorLine(containing: "Listening on")
    for text in ["one", "two"] {
      let client = try await sockkit("connect", "unix:\(path)", input: .bytes(Array(text.utf8)))
      #expect(client == Finished(.exit(0), output: text))
    }
    server.signal(SIGTERM)
    _ = try await server.finished()
  }

  @Test(arguments: [
    (["listen", "--inetd", "80"], "--inetd takes no address: the socket is standard input"),
    (["listen", "--inetd", "-U", "x"], "--inetd takes no address: the socket is standard input"),
    (
      ["echo-server", "--inetd", "-4"],
      "-4, -6, -s and -p do not apply to fd:0, a socket that is open already"
    ),
    (
      ["forward", "--inetd"],
      "no target given: expected HOST:PORT, HOST PORT, unix:PATH or vsock:CID:PORT after 'fd:0'"
    ),
  ])
  func `--inetd excludes an address`(words: [String], problem: String) async throws {
    #expect(try await sockkit(words) == .usage(problem, of: words[0]))
  }

  @Test func `standard input that is not a socket is a usage error`() async throws {
    let end = try await sockkit("http-server", "--inetd", "/")
    #expect(end == Finished(.exit(64), errors: "sockkit: listen on fd:0: it is not a socket\n"))
  }

  @Test func `several connections are too many`() async throws {
    let server = RunningProgram(
      try .activated([.connection, .listener], ["echo-server", "systemd"]), input: .file("/dev/null"))
    _ = try await sockkit("connect", "127.0.0.1", "\(try await server.printedPort())")
    let end = try await server.finished()
    #expect(
      end.ending == .exit(64)
        && end.errors == "sockkit: listen on systemd, descriptor 3: it is a connection, and one of several "
          + "sockets\n",
      "\(end)")
  }
}
