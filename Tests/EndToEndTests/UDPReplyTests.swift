// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Which replies are accepted, and how others are reported.
@Suite(.takingTurns)
struct UDPReplyTests {
  /// Answers each question from other sockets the given number of times and then, if `isHonest`, from the socket that
  /// received it.
  private static func server(_ others: Int, isHonest: Bool = false, host: String = "127.0.0.1") throws
    -> RunningProgram
  {
    try .python(
      """
      family = socket.AF_INET6 if ":" in arguments[0] else socket.AF_INET
      server = socket.socket(family, socket.SOCK_DGRAM)
      server.bind((arguments[0], 0))
      say("port", server.getsockname()[1])
      while True:
          question, peer = server.recvfrom(100)
          for number in range(int(arguments[1])):
              other = socket.socket(family, socket.SOCK_DGRAM)
              other.sendto(b"other", peer)
          if arguments[2] == "true":
              server.sendto(b"own", peer)
      """, host, "\(others)", "\(isHonest)")
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func `a reply from another port is taken with --any-source`(host: String) async throws {
    let server = try Self.server(1, host: host)
    let port = "\(try await server.printedPort())"
    #expect(
      try await sockkit("udp-send", "--any-source", "--expect", "1", host, port, "x")
        == Finished(.exit(0), output: "[\(host)] other\n"))
  }

  @Test func `without it such replies do not count, and a time-out names them`() async throws {
    let other = try Self.server(1)
    let result = try await sockkit(
      "udp-send", "--expect", "1", "-W", "300ms", "127.0.0.1", "\(other.printedPort())", "x")
    #expect(
      result.errors.wholeMatch(
        of:
          /sockkit: receive from 127\.0\.0\.1:[0-9]+: timed out, 0 of 1 replies came; 1 came from 127\.0\.0\.1:[0-9]+ \(--any-source takes these\)\n/
      ) != nil && result.ending == .exit(75) && result.output.isEmpty, "\(result)")
    let server = try Self.server(3, isHonest: true)
    let several = "\(try await server.printedPort())"
    #expect(
      try await sockkit("udp-send", "--expect", "1", "127.0.0.1", several, "x")
        == Finished(.exit(0), output: "[127.0.0.1] own\n"))
    let short = try await sockkit("udp-send", "--expect", "2", "-W", "300ms", "127.0.0.1", several, "x")
    #expect(short.ending == .exit(75) && short.text == "[127.0.0.1] own\n", "\(short)")
    #expect(
      short.errors.contains("1 of 2 replies came; 3 came from elsewhere, the first from 127.0.0.1:"),
      "\(short)")
  }

  @Test func `the address that stands for this machine is answered by a loopback one`() async throws {
    let server = try Self.server(0, isHonest: true)
    let port = "\(try await server.printedPort())"
    for host in ["0.0.0.0", "::ffff:127.0.0.1"] {
      #expect(
        try await sockkit("udp-send", "--expect", "1", host, port, "x")
          == Finished(.exit(0), output: "[127.0.0.1] own\n"))
    }
  }

  @Test func `a refusal is heard of with --any-source too`() async throws {
    #expect(
      try await sockkit("udp-send", "--any-source", "-W", "10s", "127.66.1.1:9", "x")
        == Finished(.exit(69), errors: "sockkit: send to 127.66.1.1:9: Connection refused\n"))
  }

  @Test func `replies say which port they were sent to, also of a broadcast`() async throws {
    let server = try Self.server(0, isHonest: true, host: "0.0.0.0")
    let port = "\(try await server.printedPort())"
    let result = try await sockkit(
      "udp-send", "--broadcast", "--json", "--expect", "1", "127.255.255.255", port, "x")
    #expect(result.ending == .exit(0) && result.text.contains(#""text":"own""#), "\(result)")
    #expect(!result.text.contains(#""port":0"#), "\(result)")
  }

  @Test(arguments: [
    (["--any-source", "h:1", "x"], "--any-source requires -W or --expect"),
    (["--any-source", "-W", "1s", "unix:/none", "x"], "--any-source does not apply to a Unix socket"),
    (["--escapes", "h:1"], "--escapes requires MESSAGE arguments"),
    (
      ["--escapes", "h:1", "fine", #"not \q"#],
      #"the message 'not \q' is invalid with --escapes: expected a text in which a backslash begins \n, \r, \t, \0, \\ or \xNN"#
    ),
  ])
  func `a wrong command line is refused`(words: [String], message: String) async throws {
    #expect(try await sockkit(["udp-send"] + words) == .usage(message, of: "udp-send"))
  }

  @Test(arguments: [
    ([], [0, 1, 10, 2, 10], true), ([], [0xFF, 10, 0xFF, 10], true), (["--keep-newline"], [0xC3], true),
    ([], [0xC3, 0xBC, 10, 9, 27, 10], false), (["--whole"], [0, 10, 0xFF], false),
    (["--block", "2"], [0, 10, 0xFF], false),
  ])
  func `standard input that is no text and is cut into lines is worth a note`(
    flags: [String], input: [UInt8], isNoted: Bool
  ) async throws {
    let server = try Self.server(0)
    let note = """
      sockkit: standard input is not text, and is cut at each newline: --whole sends all of it as one datagram, --block N \
      in blocks of N bytes

      """
    #expect(
      try await sockkit(
        ["udp-send"] + flags + ["127.0.0.1:\(server.printedPort())"], input: .bytes(input))
        == Finished(.exit(0), errors: isNoted ? note : ""))
  }
}
