// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct UDPSendTests {
  /// Prints the port, and then the representation of each of `count` datagrams.
  private static func receiver(of count: Int, family: String = "AF_INET", host: String = "127.0.0.1") throws
    -> RunningProgram
  {
    try .python(
      """
      receiver = socket.socket(getattr(socket, arguments[1]), socket.SOCK_DGRAM)
      receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
      receiver.bind((arguments[2], 0))
      say("port", receiver.getsockname()[1])
      for _ in range(int(arguments[0])):
          say(repr(receiver.recv(1 << 17)))
      """, "\(count)", family, host)
  }

  private func payloads(_ receiver: RunningProgram) async throws -> [String] {
    let finished = try await receiver.finished()
    #expect(finished.ending == .exit(0), "\(finished)")
    return finished.text.split(separator: "\n").dropFirst().map(String.init)
  }

  @Test func `each message is one datagram, in silence`() async throws {
    let receiver = try Self.receiver(of: 3)
    let port = try await receiver.printedPort()
    #expect(
      try await sockkit("udp-send", "127.0.0.1", "\(port)", "one", "", "two words") == Finished(.exit(0)))
    #expect(try await payloads(receiver) == ["b'one'", "b''", "b'two words'"])
  }

  @Test(arguments: [
    (["--keep-newline"], ["b'a\\n'", "b'\\n'", "b'bc'"]), (["--whole"], ["b'a\\n\\nbc'"]),
    (["--block", "2"], ["b'a\\n'", "b'\\nb'", "b'c'"]), (["--empty"], ["b''"]),
    ([], ["b'a'", "b''", "b'bc'"]),
    (["-c", "2", "--block=4"], ["b'a\\n\\nb'", "b'a\\n\\nb'", "b'c'", "b'c'"]),
  ])
  func `standard input is cut into datagrams`(flags: [String], expected: [String]) async throws {
    let receiver = try Self.receiver(of: expected.count)
    let words = ["udp-send"] + flags + ["127.0.0.1:\(try await receiver.printedPort())"]
    #expect(try await sockkit(words, input: .bytes(Array("a\n\nbc".utf8))) == Finished(.exit(0)))
    #expect(try await payloads(receiver) == expected)
  }

  @Test func `a line leaves as soon as it is there`() async throws {
    let receiver = try Self.receiver(of: 2)
    let sender = RunningProgram.sockkit("udp-send", "127.0.0.1", "\(try await receiver.printedPort())")
    sender.send("first\nsec")
    try await receiver.outputLine(containing: "b'first'")
    sender.send("ond\n")
    try await receiver.outputLine(containing: "b'second'")
    #expect(try await sender.finish() == Finished(.exit(0)))
  }

  @Test func `a line leaves as soon as it is there, from a FIFO too`() async throws {
    let receiver = try Self.receiver(of: 2)
    let directory = try TemporaryDirectory()
    let sender = RunningProgram(
      .shell(
        """
        mkfifo "$1" && { sockkit udp-send 127.0.0.1 "$2" < "$1" & } && exec 3> "$1" && echo first >&3 && read -r line \
          && echo second >&3 && exec 3>&- && wait $!
        """, [directory.file("fifo"), "\(try await receiver.printedPort())"]))
    try await receiver.outputLine(containing: "b'first'")
    sender.send("go on\n")
    try await receiver.outputLine(containing: "b'second'")
    #expect(try await sender.finish() == Finished(.exit(0)))
  }

  @Test func `IPv6, a name, and a Unix socket are sent to as well`() async throws {
    let receiver = try Self.receiver(of: 2, family: "AF_INET6", host: "::1")
    let port = try await receiver.printedPort()
    #expect(try await sockkit("udp-send", "::1", "\(port)", "six") == Finished(.exit(0)))
    #expect(try await sockkit("udp-send", "[::1]:\(port)", "again") == Finished(.exit(0)))
    #expect(try await payloads(receiver) == ["b'six'", "b'again'"])
    let named = try Self.receiver(of: 1)
    #expect(try await sockkit("udp-send", "localhost:\(named.printedPort())", "hi") == Finished(.exit(0)))
    #expect(try await payloads(named) == ["b'hi'"])
  }

  @Test func `the source address and port are what they are asked to be`() async throws {
    let receiver = try RunningProgram.python(
      """
      receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      receiver.bind(("127.0.0.1", 0))
      free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      free.bind(("127.0.0.5", 0))
      wanted = free.getsockname()[1]
      free.close()
      say("port", receiver.getsockname()[1])
      say("wanted", wanted)
      source = receiver.recvfrom(100)[1]
      assert source == ("127.0.0.5", wanted), source
      """)
    let port = try await receiver.printedPort()
    let wanted = try await receiver.outputLine(containing: "wanted ").dropFirst("wanted ".count)
    let sent = try await sockkit(
      "udp-send", "-s", "127.0.0.5", "-p", "\(wanted)", "127.0.0.1", "\(port)", "x")
    #expect(sent == Finished(.exit(0)))
    #expect(try await receiver.finished().ending == .exit(0))
  }

  @Test func `nobody there is status 69, with a name after every address was tried`() async throws {
    let port = try Self.freePort(try await python(Self.choosePort))
    for host in ["127.0.0.1", "::1"] {
      let shown = host == "::1" ? "[::1]" : host
      #expect(
        try await sockkit("udp-send", host, port, "x")
          == Finished(.exit(69), errors: "sockkit: send to \(shown):\(port): Connection refused\n"))
    }
    let lines = try await sockkit(
      "udp-send", "127.0.0.1", port, input: .bytes(Array(String(repeating: "x\n", count: 500).utf8)))
    #expect(lines.ending == .exit(69))
    let waiting = try await sockkit("udp-send", "-W", "10s", "127.0.0.1", port, "x")
    #expect(
      waiting == Finished(.exit(69), errors: "sockkit: send to 127.0.0.1:\(port): Connection refused\n"))
  }

  private static let choosePort = """
    probe = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    probe.bind(("::", 0))
    say(probe.getsockname()[1])
    """

  private static func freePort(_ finished: Finished) throws -> String {
    try #require(UInt16(finished.text.dropLast()), "\(finished)").description
  }

  @Test func `replies are printed, and as many as are expected end the wait`() async throws {
    let server = try RunningProgram.python(
      """
      server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      server.bind(("127.0.0.1", 0))
      say("port", server.getsockname()[1])
      while True:
          question, peer = server.recvfrom(100)
          for _ in range(2):
              server.sendto(b"re: " + question, peer)
      """)
    let port = "\(try await server.printedPort())"
    #expect(
      try await sockkit("udp-send", "--expect", "2", "127.0.0.1", port, "hi")
        == Finished(.exit(0), output: "[127.0.0.1] re: hi\n[127.0.0.1] re: hi\n"))
    #expect(
      try await sockkit("udp-send", "--raw", "--expect", "1", "-W", "10s", "127.0.0.1", port, "a\nb")
        == Finished(.exit(0), output: "re: a\nb"))
    #expect(
      try await sockkit("udp-send", "-W", "300ms", "127.0.0.1", port, "hi")
        == Finished(.exit(0), output: "[127.0.0.1] re: hi\n[127.0.0.1] re: hi\n"))
    #expect(
      try await sockkit("udp-send", "-W", "300ms", "--expect", "3", "127.0.0.1", port, "hi")
        == Finished(
          .exit(75), output: "[127.0.0.1] re: hi\n[127.0.0.1] re: hi\n",
          errors: "sockkit: receive from 127.0.0.1:\(port): timed out, 2 of 3 replies came\n"))
  }

  @Test func `a pace is kept`() async throws {
    let receiver = try RunningProgram.python(
      """
      receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      receiver.bind(("127.0.0.1", 0))
      say("port", receiver.getsockname()[1])
      times = []
      for _ in range(5):
          receiver.recv(100)
          times.append(time.monotonic())
      say(times[-1] - times[0])
      """)
    let port = "\(try await receiver.printedPort())"
    #expect(
      try await sockkit("udp-send", "-c", "5", "--rate", "20", "127.0.0.1", port, "x") == Finished(.exit(0)))
    let took = try await receiver.finished().text.split(separator: "\n").last.flatMap { Double($0) }
    // Four pauses of 50 ms; the first datagram may be read late.
    #expect(try #require(took) > 0.15)
  }

  @Test func `with -v events are told of, with --trace the calls`() async throws {
    let receiver = try Self.receiver(of: 2)
    let port = try await receiver.printedPort()
    let verbose = try await sockkit("udp-send", "-v", "127.0.0.1", "\(port)", "x")
    #expect(
      verbose.generalized
        == Finished(
          .exit(0),
          errors: """
            sockkit: sending to 127.0.0.1:PORT (udp)
            sockkit: sent 1 datagram (1 byte), received 0 datagrams (0 bytes) in T

            """))
    let traced = try await sockkit("udp-send", "--trace", "127.0.0.1", "\(port)", "xyz")
    let calls = traced.errorLines.map { String($0.prefix { $0 != "[" }) }
    #expect(calls.contains("socket(AF_INET, SOCK_DGRAM, 0) = 3 "), "\(traced)")
    #expect(calls.contains("connect(3, 127.0.0.1:\(port)) = 0 "), "\(traced)")
    #expect(calls.contains("sendmmsg(3, 1, MSG_DONTWAIT|MSG_NOSIGNAL) = 1 {3 bytes} "), "\(traced)")
    #expect(try await payloads(receiver) == ["b'x'", "b'xyz'"])
  }

  @Test(arguments: [
    (
      ["--rate", "0", "h:1"],
      "invalid value '0' for --rate: expected a number of datagrams a second, above 0 and up to 1000000000"
    ),
    (["-c", "0", "h:1", "x"], "invalid value '0' for -c: expected a whole number, at least 1"),
    (["--whole", "--empty", "h:1"], "--keep-newline, --whole, --block and --empty exclude each other"),
    (["--interval", "1s", "--rate", "1", "h:1"], "--interval and --rate exclude each other"),
    (
      ["--whole", "h:1", "x"],
      "--keep-newline, --whole, --block and --empty exclude MESSAGE arguments such as 'x'"
    ),
    (["--json", "h:1", "x"], "--raw, --hex and --json format replies, and require -W or --expect"),
    (["127.0.0.1:0", "x"], "cannot send to port 0"),
    (["--broadcast", "unix:/tmp/none", "x"], "--broadcast does not apply to a Unix socket"),
    (["127.0.0.1"], "'127.0.0.1' is only one word: expected HOST PORT or HOST:PORT"),
  ])
  func `a wrong command line is refused`(words: [String], message: String) async throws {
    #expect(try await sockkit(["udp-send"] + words) == .usage(message, of: "udp-send"))
  }

  @Test func `a broadcast address needs --broadcast, and the message says so`() async throws {
    let refused = try await sockkit("udp-send", "255.255.255.255", "9", "x")
    #expect(refused.ending == .exit(77))
    #expect(refused.errors.contains("needs --broadcast"), "\(refused)")
  }

  @Test func `input that cannot be read is status 66`() async throws {
    let result = try await shell("sockkit udp-send 127.0.0.1 9 < /")
    #expect(result == Finished(.exit(66), errors: "sockkit: read standard input: Is a directory\n"))
  }

  @Test func `a refusal in the middle of many datagrams is not lost`() async throws {
    // A host sends ICMP errors for only a few of them, so that the last datagrams are not refused themselves.
    for flags in ["", "-W 5s"] {
      let result = try await TwoHosts.run("seq 1000 | near sockkit udp-send \(flags) $far 9")
      #expect(result.ending == .exit(69), "\(result)")
      #expect(result.errors.hasSuffix(":9: Connection refused\n"), "\(result)")
    }
  }

  @Test func `a unicast address that refuses is heard of with --broadcast too`() async throws {
    #expect(try await sockkit("udp-send", "--broadcast", "127.0.0.1", "9", "x").ending == .exit(69))
  }

  @Test func `the wait for replies ends, however many come`() async throws {
    let server = try RunningProgram.python(
      """
      server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      server.bind(("127.0.0.1", 0))
      say("port", server.getsockname()[1])
      peer = server.recvfrom(100)[1]
      try:
          while True:
              server.sendto(b"reply", peer)
      except ConnectionRefusedError:
          say("gone")
      """)
    let port = "\(try await server.printedPort())"
    let client = try await sockkit(
      "udp-send", "-W", "500ms", "127.0.0.1", port, "x", output: .file("/dev/null"), limit: 10)
    #expect(client == Finished(.exit(0)))
    server.signal(9)
  }

  @Test(.onPrivateNetworks) func `of several addresses the one that is used is named, and each that refuses`()
    async throws
  {
    let result = try await PrivateNetwork(.none, hosts: "::1 both\n127.0.0.1 both").shell(
      """
      sockkit udp-recv --port-file port -c 1 127.0.0.1 0 &
      while [ ! -e port ]; do sleep 0.02; done
      sockkit udp-send -v both "$(cat port)" x
      wait $!
      """)
    let lines = result.generalized.errorLines
    #expect(result.ending == .exit(0) && result.text == "[127.0.0.1] x\n", "\(result)")
    #expect(
      lines.prefix(3) == [
        "sockkit: sending to [::1]:PORT (udp)", "sockkit: send to [::1]:PORT: Connection refused",
        "sockkit: sending to 127.0.0.1:PORT (udp)",
      ], "\(result)")
  }

  @Test func `a link-local address without an interface is refused with what is missing`() async throws {
    for command in ["udp-send", "connect"] {
      #expect(
        try await sockkit(command, "fe80::1", "9")
          == Finished(
            .exit(64),
            errors: "sockkit: address fe80::1: a link-local address needs its interface, as fe80::1%eth0\n"))
    }
  }

  @Test func `a block that no datagram holds is refused`() async throws {
    #expect(
      try await sockkit("udp-send", "--block", "65520", "127.0.0.1", "9", input: .bytes([1]))
        == Finished(
          .exit(65),
          errors:
            "sockkit: a block of 65520 bytes is longer than the 65507 bytes that fit into one datagram over IPv4\n"
        ))
  }
}
