// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct ConnectingTests {
  @Test(arguments: [
    "127.0.0.1 PORT", "127.0.0.1:PORT", "localhost PORT", "localhost:PORT", "-4 localhost PORT",
    "-n 127.0.0.1 PORT",
    "[127.0.0.1]:PORT",
  ])
  func `an IPv4 peer is named in many ways`(line: String) async throws {
    try await expectConnection(to: line, listening: "127.0.0.1")
  }

  @Test(arguments: ["::1 PORT", "[::1]:PORT", "[::1] PORT", "-6 ::1 PORT", "-n [::1]:PORT"])
  func `an IPv6 peer is named in many ways`(line: String) async throws {
    try await expectConnection(to: line, listening: "::1")
  }

  private func expectConnection(to line: String, listening host: String) async throws {
    let server = RunningProgram.sockkit("listen", "-v", host, "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    let words = line.replacing("PORT", with: "\(port)").split(separator: " ").map(String.init)
    #expect(
      try await sockkit(["connect"] + words, input: .bytes([7]))
        == Finished(.exit(0)))
    #expect(try await server.finished().output == [7])
  }

  @Test func `-s and -p choose where the connection comes from`() async throws {
    let result = try await python(
      """
      listener = socket.create_server(("127.0.0.1", 0))
      with socket.socket() as free:
          free.bind(("127.0.0.77", 0))
          port = free.getsockname()[1]
      client = subprocess.Popen(
          ["sockkit", "connect", "-s", "127.0.0.77", "-p", str(port), "127.0.0.1", str(listener.getsockname()[1])])
      connection, address = listener.accept()
      connection.close()
      say(address == ("127.0.0.77", port), client.wait(20))
      client = subprocess.Popen(["sockkit", "connect", "-s127.0.0.78", "127.0.0.1", str(listener.getsockname()[1])])
      connection, address = listener.accept()
      connection.close()
      say(address[0], client.wait(20))
      with socket.socket() as free:
          free.bind(("127.0.0.79", 0))
          port = free.getsockname()[1]
      client = subprocess.Popen(
          ["sockkit", "connect", "-s", f"127.0.0.79:{port}", "127.0.0.1", str(listener.getsockname()[1])])
      connection, address = listener.accept()
      connection.close()
      say(address == ("127.0.0.79", port), client.wait(20))
      """)
    #expect(result == Finished(.exit(0), output: "True 0\n127.0.0.78 0\nTrue 0\n"))
  }

  @Test func `--retry connects to a server that starts later`() async throws {
    let server = try RunningProgram.python(
      """
      listener = socket.socket()
      listener.bind(("127.0.0.1", 0))
      say("port", listener.getsockname()[1])
      told("listen")
      listener.listen()
      listener.accept()[0].sendall(b"at last")
      """)
    let client = RunningProgram.sockkit(
      "connect", "--trace", "--retry", "15s", "127.0.0.1:\(try await server.printedPort())",
      input: .file("/dev/null"))
    try await client.errorLine(containing: "ECONNREFUSED")
    server.send("listen\n")
    let end = try await client.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "at last")
  }

  @Test func `--retry waits for a Unix socket to appear`() async throws {
    let directory = try TemporaryDirectory()
    let client = RunningProgram.sockkit(
      "connect", "--trace", "--retry", "15s", "-U", directory.file("s"), input: .file("/dev/null"))
    try await client.errorLine(containing: "ENOENT")
    let server = RunningProgram.sockkit(
      "listen", "-U", directory.file("s"), input: .bytes(Array("at last".utf8)))
    let end = try await client.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text == "at last")
    #expect(try await server.finished() == Finished(.exit(0)))
  }

  @Test(.onPrivateNetworks)
  func `--retry gives the last reason, though the time is over in the middle of a look-up`() async throws {
    let result = try await PrivateNetwork(.none).python(
      """
      server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      server.bind(("127.0.0.1", 53))
      def serve():
          while True:
              question, client = server.recvfrom(512)
              header = question[:2] + b"\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0"
              name = question[12:question.index(b"\\0", 12) + 5]
              answer = header + name + b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\0\\0\\4\\x7f\\0\\0\\1"
              # Longer than the last try has.
              threading.Timer(0.3, server.sendto, (answer, client)).start()
      threading.Thread(target=serve, daemon=True).start()
      ended = subprocess.run(
          ["sockkit", "connect", "-4", "--retry", "2s", "slow.example", "9"], stdin=subprocess.DEVNULL,
          capture_output=True, text=True)
      say(ended.returncode, ended.stderr)
      """)
    let expected = "69 sockkit: connect to 127.0.0.1:9: Connection refused\n\n"
    #expect(result.ending == .exit(0) && result.text == expected, "\(result)")
  }

  @Test func `--retry gives up in time with the reason`() async throws {
    let port = SilentPort()
    let start = ContinuousClock.now
    #expect(
      try await sockkit("connect", "--retry", "500ms", "127.0.0.1", "\(port.number)")
        == Finished(.exit(69), errors: "sockkit: connect to 127.0.0.1:\(port.number): Connection refused\n"))
    #expect(start.duration(to: .now) < .seconds(10))
  }

  @Test func `a service name is as good as its number`() async throws {
    let result = try await sockkit("connect", "--trace", "127.0.0.1", "discard")
    #expect(result.errors.contains("connect(3, 127.0.0.1:9)"), "\(result)")
  }
}
