// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Command lines that are refused: status 64, and a message that names the flag, the value and what is accepted.
@Suite(.takingTurns)
struct UsageTests {
  private static let duration = "a duration such as 2, 0.5, 500ms, 2s, 5m30s, 1h or 14d"
  private static let size = "a size in bytes such as 4096, 64K, 1M or 2GiB, at least 1 and below 2G"

  @Test(arguments: [
    "", "x", "1w", "1e3", "0x10", "1.2.3", "30s5m", "5m30", "1m1m", "ms", "nan",
  ])
  func `a bad duration is refused`(value: String) async throws {
    let message = "invalid value '\(value)' for -w: expected \(Self.duration)"
    #expect(try await sockkit("connect", "-w", value, "127.0.0.1", "9") == .usage(message, of: "connect"))
  }

  @Test func `a duration over a hundred years is refused with the longest`() async throws {
    #expect(
      try await sockkit("connect", "--timeout", "9999999h", "127.0.0.1", "9")
        == .usage(
          "invalid value '9999999h' for --timeout: expected a duration of at most 36500d, which is a hundred years",
          of: "connect"))
  }

  @Test(arguments: [
    "-w", "--connect-timeout", "-i", "--idle-timeout", "--timeout", "--retry", "-q", "--quit-after",
    "--linger",
  ])
  func `a negative duration is refused by every flag`(flag: String) async throws {
    let advice = flag == "-q" ? " (without -q it waits without a limit)" : ""
    let message = "invalid value '-1' for \(flag): expected \(Self.duration)\(advice)"
    #expect(try await sockkit("connect", flag, "-1", "127.0.0.1", "9") == .usage(message, of: "connect"))
  }

  @Test(arguments: ["", "0", "-1", "2G", "99999999999999999999", "1XB", "1KBB"])
  func `a bad size is refused`(value: String) async throws {
    let message = "invalid value '\(value)' for --send-buffer: expected \(Self.size)"
    #expect(
      try await sockkit("connect", "--send-buffer", value, "127.0.0.1", "9") == .usage(message, of: "connect")
    )
  }

  @Test(arguments: ["--send-buffer", "--receive-buffer"])
  func `a size with a fraction is refused`(flag: String) async throws {
    let message = "invalid value '1.5K' for \(flag): expected \(Self.size); fractions are not accepted"
    #expect(
      try await sockkit("connect", flag, "1.5K", "127.0.0.1", "9") == .usage(message, of: "connect"))
  }

  @Test func `a network whose prefix is too long is refused with the length there may be`() async throws {
    let message =
      "invalid value '10.0.0.0/33' for --allow: expected the length of a prefix from 0 to 32 after the slash"
    #expect(try await sockkit("listen", "--allow", "10.0.0.0/33", "0") == .usage(message, of: "listen"))
  }

  @Test(arguments: [["--log-format", "json"], ["--log-format=json"]])
  func `a usage error is JSON where that is asked for`(words: [String]) async throws {
    for rest in [["--nosuch"], ["127.0.0.1"]] {
      let result = try await sockkit(["connect"] + words + rest)
      #expect(result.ending == .exit(64))
      #expect(
        result.errorLines.count == 1 && result.errors.hasPrefix(#"{"event":"error","message":""#), "\(result)"
      )
    }
    let command = try await sockkit("connect", "--nosuch", "--", "x", "--log-format", "json")
    #expect(command.errors.hasPrefix("sockkit: "), "\(command)")
  }

  @Test func `a bad size is refused by the other flag and on the other side alike`() async throws {
    let message = "invalid value 'x' for --receive-buffer: expected \(Self.size)"
    #expect(
      try await sockkit("listen", "--receive-buffer", "x", "127.0.0.1:0") == .usage(message, of: "listen"))
  }

  @Test(arguments: ["", "0", "256", "x"])
  func `a bad time to live is refused`(value: String) async throws {
    #expect(
      try await sockkit("connect", "--ttl", value, "127.0.0.1", "9")
        == .usage(
          "invalid value '\(value)' for --ttl: expected a number from 1 to 255", of: "connect"))
  }

  @Test(arguments: ["64", "-1", "gold"])
  func `a bad DSCP is refused with the names there are`(value: String) async throws {
    let result = try await sockkit("connect", "127.0.0.1", "9", "--dscp=\(value)")
    #expect(result.ending == .exit(64))
    #expect(
      result.errors.hasPrefix(
        "sockkit: invalid value '\(value)' for --dscp: expected one of cs0, cs1"))
    #expect(result.errors.contains(" ef, va, le, or a number from 0 to 63\n"))
  }

  @Test(arguments: ["", "0", "0.5", "32768", "x"])
  func `a bad interval of keep-alive probes is refused`(value: String) async throws {
    let message =
      "invalid value '\(value)' for --keepalive: expected \(Self.duration), from 1s to 32767s"
    #expect(
      try await sockkit("connect", "--keepalive", value, "127.0.0.1", "9") == .usage(message, of: "connect"))
  }

  @Test(arguments: ["", "nosuch0", "lo\u{1B}"])
  func `an unknown interface is refused with those there are`(value: String) async throws {
    let result = try await sockkit("connect", "--interface", value, "127.0.0.1", "9")
    #expect(result.ending == .exit(64))
    let shown = value.replacing("\u{1B}", with: "\\x1b")
    let message = "sockkit: invalid value '\(shown)' for --interface: expected one of lo"
    #expect(result.errors.hasPrefix(message), "\(result)")
  }

  @Test func `a bad log format is refused`() async throws {
    let message =
      "invalid value 'xml' for --log-format: expected 'text' or 'json'"
    #expect(try await sockkit("listen", "--log-format", "xml", "0") == .usage(message, of: "listen"))
  }

  @Test(arguments: [
    "-U", "-s", "--congestion",
  ])
  func `an empty text is refused`(flag: String) async throws {
    #expect(
      try await sockkit("connect", flag, "", "127.0.0.1", "9")
        == .usage(
          "invalid value '' for \(flag): expected a text that is not empty", of: "connect"))
  }

  @Test(arguments: ["65536", "70000", "99999999999999999999"])
  func `a port over 65535 is refused, never cut`(port: String) async throws {
    let message = "port \(port): expected a number from 0 to 65535 or a service name"
    for words in [["127.0.0.1", port], ["127.0.0.1:\(port)"], ["[::1]:\(port)"]] {
      #expect(try await sockkit(["connect"] + words) == .usage(message, of: "connect"))
      #expect(try await sockkit(["listen"] + words) == .usage(message, of: "listen"))
    }
    #expect(try await sockkit("listen", port) == .usage(message, of: "listen"))
    #expect(try await sockkit("forward", "0", "a:\(port)") == .usage(message, of: "forward"))
  }

  @Test func `port 0 is for what binds`() async throws {
    #expect(
      try await sockkit("connect", "127.0.0.1", "0") == .usage("cannot connect to port 0", of: "connect"))
    #expect(try await sockkit("calc", "127.0.0.1:0", "1") == .usage("cannot connect to port 0", of: "calc"))
    #expect(
      try await sockkit("udp-send", "127.0.0.1", "0", "x") == .usage("cannot send to port 0", of: "udp-send"))
    #expect(
      try await sockkit("forward", "0", "127.0.0.1:0") == .usage("cannot forward to port 0", of: "forward"))
  }

  @Test(arguments: ["", "-1", "65536", "70000"])
  func `a bad source port is refused`(port: String) async throws {
    let message =
      "invalid value '\(port)' for -p: expected a port number from 0 to 65535 or a service name"
    #expect(try await sockkit("connect", "-p", port, "127.0.0.1", "9") == .usage(message, of: "connect"))
  }

  @Test(arguments: [
    ("connect -4 -6 127.0.0.1 9", "-4 and -6 exclude each other"),
    ("connect -N --no-shutdown 127.0.0.1 9", "-N and --no-shutdown exclude each other"),
    ("connect --send-only --recv-only 127.0.0.1 9", "--send-only and --recv-only exclude each other"),
    ("connect -q 1 --recv-only 127.0.0.1 9", "-q has no effect with --recv-only, which reads no input"),
    ("connect --json 127.0.0.1 9", "--json requires --stats"),
    ("connect -4 -U /tmp/x", "-4 and -6 do not apply to a Unix socket"),
    ("connect -6 unix:/tmp/x", "-4 and -6 do not apply to a Unix socket"),
    ("listen -s 127.0.0.1 unix:/tmp/x", "-s and -p do not apply to a Unix socket"),
    ("connect -s 127.0.0.1 -U /tmp/x", "-s and -p do not apply to a Unix socket"),
    ("connect -U /tmp/x 127.0.0.1 9", "-U /tmp/x takes no further address"),
    ("listen -U /tmp/x 9", "-U /tmp/x takes no further address"),
    ("listen --port-file /tmp/x unix:/tmp/y", "--port-file: a Unix socket has no port"),
    ("connect --ttl 3 unix:/tmp/x", "--ttl does not apply to a Unix socket"),
    ("connect --no-delay unix:/tmp/x", "--no-delay does not apply to a Unix socket"),
    ("listen --mptcp unix:/tmp/x", "--mptcp does not apply to a Unix socket"),
    ("listen -s 127.0.0.1 127.0.0.2:0", "-s 127.0.0.1 names another host than '127.0.0.2:0'"),
  ])
  func `flags that exclude each other are refused`(line: String, message: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }

  @Test(arguments: [
    ("connect", "no address given: expected HOST PORT or HOST:PORT"),
    ("listen", "no port given: expected PORT, HOST PORT or HOST:PORT"),
    ("connect :9", "':9' has no host: expected HOST PORT or HOST:PORT"),
    ("connect 9", "'9' is only one word: expected HOST PORT or HOST:PORT"),
    ("connect localhost", "'localhost' is only one word: expected HOST PORT or HOST:PORT"),
    ("connect ::1:9", "'::1:9' is ambiguous: write an IPv6 address as [IPV6]:PORT or IPV6 PORT"),
    ("connect [::1]", "'[::1]' has no port: expected [IPV6]:PORT"),
    ("connect localhost:", "'localhost:' has no port"),
    ("connect unix:", "'unix:' has no path"),
    ("listen unix:@", "'unix:@' has no path"),
    ("connect 1 2 3", "'1' is a port without a host: expected HOST PORT or HOST:PORT"),
    ("connect unix:/tmp/x 9", "'unix:/tmp/x' takes no port"),
    (
      "connect http://localhost:9/",
      "'http://localhost:9/' is a URL: expected HOST PORT or HOST:PORT (did you mean 'sockkit connect localhost 9'?)"
    ),
    (
      "connect http://localhost 9",
      "'http://localhost' is a URL: expected HOST PORT or HOST:PORT (did you mean 'sockkit connect localhost http'?)"
    ),
    ("connect /tmp/x", "'/tmp/x' is a path: a Unix socket is unix:PATH"),
    ("listen ./x", "'./x' is a path: a Unix socket is unix:PATH"),
    ("listen 5000 5001", "'5000' is a port without a host: expected HOST PORT or HOST:PORT"),
    ("connect 80:8080", "'80' is a port without a host: expected HOST PORT or HOST:PORT"),
  ])
  func `words that are no address are refused`(line: String, message: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(words) == .usage(message, of: words[0]))
  }

  @Test func `a mistyped flag gets a suggestion`() async throws {
    #expect(
      try await sockkit("connect", "--verbos", "127.0.0.1", "9")
        == .usage("unknown option '--verbos' (did you mean '--verbose'?)", of: "connect"))
    #expect(
      try await sockkit("listen", "--recv-onyl", "0")
        == .usage("unknown option '--recv-onyl' (did you mean '--recv-only'?)", of: "listen"))
  }

  @Test func `a missing value and an unknown subcommand are refused`() async throws {
    #expect(try await sockkit("connect", "-w") == .usage("-w needs a value", of: "connect"))
    #expect(try await sockkit("conect", "127.0.0.1", "9").ending == .exit(64))
  }

  @Test func `an unknown congestion control is refused with those there are`() async throws {
    let result = try await sockkit("connect", "--congestion", "nosuch", "127.0.0.1", "9")
    #expect(result.ending == .exit(64))
    #expect(result.errorLines[0].contains("nosuch"), "\(result)")
    #expect(result.errorLines[0].contains("reno"), "\(result)")
  }
}
