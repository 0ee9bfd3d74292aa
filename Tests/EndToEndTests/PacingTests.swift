// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct PacingTests {
  /// The seconds that `--stats` reports for a transfer of some bytes.
  private func seconds(_ flags: [String], bytes: Int, throughPipe: Bool = false) async throws -> Double {
    let directory = try TemporaryDirectory()
    let file = try directory.write([UInt8](repeating: 10, count: bytes), to: "file")
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let port = "127.0.0.1:\(try await server.announcedPort())"
    let input: RunningProgram.Input =
      throughPipe ? .bytes([UInt8](repeating: 10, count: bytes)) : .file(file)
    let client = try await sockkit(["connect", "--stats", port] + flags, input: input)
    #expect(client.ending == .exit(0), "\(client)")
    #expect(client.errors.contains("sent \(bytes) bytes in "), "\(client)")
    let arrived = try await server.finished()
    #expect(arrived.ending == .exit(0) && arrived.output.count == bytes * (flags.contains("-C") ? 2 : 1))
    let match = try #require(client.errors.firstMatch(of: /sent \d+ bytes in (?<seconds>[\d.]+) s/))
    return try #require(Double(match.seconds))
  }

  @Test(arguments: [false, true], [[], ["-C"], ["-o", "/dev/null"]])
  func `half the rate takes twice as long`(throughPipe: Bool, flags: [String]) async throws {
    let fast = try await seconds(["--rate", "100K"] + flags, bytes: 50 << 10, throughPipe: throughPipe)
    let slow = try await seconds(["--rate", "50K"] + flags, bytes: 50 << 10, throughPipe: throughPipe)
    // The limit applies to the bytes on the wire.
    let least = flags == ["-C"] ? 0.9 : 0.4
    #expect(fast > least && fast < 10 * least, "\(fast) s")
    #expect(slow / fast > 1.4, "\(slow) s and \(fast) s")
  }

  @Test func `a pause by --rate or --delay is no idleness`() async throws {
    #expect(try await seconds(["--rate", "2", "-i", "200ms"], bytes: 3) > 0.8)
    #expect(try await seconds(["--delay", "400ms", "-i", "200ms"], bytes: 3) > 0.7)
  }

  @Test func `-q and --rate: what is left to send is sent`() async throws {
    #expect(try await seconds(["--rate", "2", "-q", "1ms"], bytes: 3) > 0.8)
  }

  @Test func `--timeout bounds what --rate slows down`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let client = try await sockkit(
      "connect", "--rate", "1", "--timeout", "300ms", "127.0.0.1:\(server.announcedPort())",
      input: .bytes(Array("abc".utf8)))
    #expect(client.ending == .exit(75))
    _ = try await server.finished()
  }

  @Test func `-d pauses between lines, and neither before the first nor after the last`() async throws {
    let peer = try RunningProgram.python(
      """
      connection = accepted()
      last = time.monotonic()
      while part := connection.recv(100):
          now = time.monotonic()
          say(part, now - last > 0.25)
          last = now
      say(time.monotonic() - last < 0.25)
      """)
    let client = try await sockkit(
      "connect", "-d", "300ms", "127.0.0.1:\(peer.printedPort())",
      input: .bytes(Array("one\n\nthree\nfour".utf8)))
    #expect(client == Finished(.exit(0)))
    let lines = try await peer.finished().text.split(separator: "\n").dropFirst()
    #expect(lines.dropFirst() == [#"b'\n' True"#, #"b'three\n' True"#, "b'four' True", "True"])
    #expect(lines.first?.hasPrefix(#"b'one\n' "#) == true)
  }

  @Test func `a limit of the rate cuts no message that a read takes as a whole`() async throws {
    let result = try await RunningProgram(
      .python(
        """
        listener = socket.create_server(("127.0.0.1", 0))
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = subprocess.Popen(
            ["sockkit", "connect", "--rate", "10K", "-q", "0s", "127.0.0.1", str(listener.getsockname()[1])], stdin=far)
        far.close()
        served = listener.accept()[0]
        for number in range(3):
            near.send(bytes([65 + number]) * 1000)
        near.close()
        assert received(served) == b"A" * 1000 + b"B" * 1000 + b"C" * 1000
        served.close()
        assert program.wait(20) == 0
        with open("/proc/sys/net/ipv4/tcp_rmem") as file:
            program = subprocess.Popen(
                ["sockkit", "connect", "--rate", "50", "127.0.0.1", str(listener.getsockname()[1])], stdin=file)
            served = listener.accept()[0]
            assert received(served).decode() == open("/proc/sys/net/ipv4/tcp_rmem").read()
            served.close()
            assert program.wait(20) == 0
        """, []), input: .file("/dev/null")
    ).finished()
    #expect(result.ending == .exit(0), "\(result)")
  }

  @Test func `telnet is answered during a pause between lines`() async throws {
    let peer = try RunningProgram.python(
      #"""
      connection = accepted()
      assert connection.recv(100) == b"1\n"
      connection.send(b"\xff\xfb\x01")
      say(connection.recv(100).hex())
      """#)
    let client = RunningProgram.sockkit(
      "connect", "-t", "-d", "1h", "127.0.0.1:\(try await peer.printedPort())")
    client.send("1\n2\n")
    try await peer.outputLine(containing: "fffe01")
    client.signal(15)
    #expect(try await client.finished().ending == .signal(15))
  }

  @Test func `an interrupted transfer leaves the offset after what was sent`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("1\n2\n3\n", to: "file")
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    let rest = try await shell(
      "{ sockkit connect -d 1h --timeout 500ms 127.0.0.1 $1; cat; } < $2", "\(server.announcedPort())", file)
    #expect(rest.text == "2\n3\n")
    #expect(try await server.finished().text == "1\n")
  }
}
