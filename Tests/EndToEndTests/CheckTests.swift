// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Tests whether a port is open: `connect -z`.
@Suite(.takingTurns)
struct CheckTests {
  /// A server that sends first, and reports what it receives from each client.
  private static let talkative = """
    listener = listening()
    while True:
        connection = listener.accept()[0]
        try:
            connection.sendall(b"220 ready\\r\\n")
            heard = received(connection)
            connection.sendall(b"221 bye\\r\\n")
            connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            heard = error
        say("heard", heard)
        connection.close()
    """

  @Test(arguments: [["-z"], ["--check"], ["-z", "-N"], ["-z", "-4", "-n"], ["-z", "-s", "127.0.0.1"]])
  func `an open port is status 0, silently, and is left in order without a byte`(flags: [String]) async throws
  {
    let server = try RunningProgram.python(Self.talkative)
    let port = try await server.printedPort()
    #expect(try await sockkit(["connect"] + flags + ["127.0.0.1", "\(port)"]) == Finished(.exit(0)))
    #expect(try await server.outputLine(containing: "heard") == "heard b''")
  }

  @Test func `a closed port is status 69, silently, and says why with -v`() async throws {
    let port = SilentPort()
    #expect(try await sockkit("connect", "-z", "127.0.0.1", "\(port.number)") == Finished(.exit(69)))
    let verbose = try await sockkit("connect", "-zv", "127.0.0.1:\(port.number)")
    #expect(
      verbose.generalized
        == Finished(.exit(69), errors: "sockkit: 127.0.0.1:PORT: closed after T (Connection refused)\n"),
      "\(verbose)")
  }

  @Test func `many ports are reported in their order, and decide together`() async throws {
    let server = try RunningProgram.python(Self.talkative)
    let open = try await server.printedPort()
    let (first, second) = (SilentPort(), SilentPort())
    let words = ["\(open)", "\(second.number),\(first.number)", "\(first.number)-\(first.number)"]
    let result = try await sockkit(["connect", "-z", "-v", "127.0.0.1"] + words)
    #expect(result.ending == .exit(69))
    let expected = [open, first.number, second.number].sorted().map {
      "sockkit: 127.0.0.1:\($0): \($0 == open ? "open" : "closed") after "
    }
    #expect(result.errorLines.count == 3, "\(result)")
    for (line, start) in zip(result.errorLines, expected) { #expect(line.hasPrefix(start), "\(result)") }
    #expect(
      try await sockkit("connect", "-z", "127.0.0.1:\(open),\(open)", "\(open)-\(open)") == Finished(.exit(0))
    )
  }

  @Test func `--json is one record a port on standard output`() async throws {
    let server = try RunningProgram.python(Self.talkative)
    let (open, closed) = (try await server.printedPort(), SilentPort())
    let result = try await sockkit("connect", "-z", "--json", "127.0.0.1", "\(open),\(closed.number)")
    #expect(result.ending == .exit(69) && result.errors.isEmpty, "\(result)")
    let records = try result.text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(records.map { $0["port"] as? Int } == [Int(open), Int(closed.number)].sorted())
    for record in records {
      #expect(record["state"] as? String == (record["port"] as? Int == Int(open) ? "open" : "closed"))
      #expect(record["milliseconds"] is Double)
      #expect(record["host"] as? String == "127.0.0.1")
      #expect(record.count == 4)
    }
  }

  @Test func `the log has a record of each port too`() async throws {
    let port = SilentPort()
    let result = try await sockkit(
      "connect", "-z", "--log-format", "json", "127.0.0.1", "\(port.number)")
    #expect(result.ending == .exit(69) && result.output.isEmpty)
    #expect(result.errorLines.count == 1, "\(result)")
    for part in [#""event":"checked""#, #""state":"closed""#, #""message":"Connection refused""#] {
      #expect(result.errors.contains(part), "\(result)")
    }
  }

  @Test func `a port that says nothing is timeout after -w, and costs the others nothing`() async throws {
    let silent = try RunningProgram.python(
      """
      listener = listening(backlog=0)
      held = []
      while True:
          client = socket.socket()
          client.settimeout(0.3)
          held.append(client)
          try:
              client.connect(listener.getsockname())
          except TimeoutError:
              break
      say("full")
      told("enough")
      """)
    let server = try RunningProgram.python(Self.talkative)
    let (dead, open) = (try await silent.printedPort(), try await server.printedPort())
    try await silent.outputLine(containing: "full")
    let start = ContinuousClock.now
    let result = try await sockkit(
      "connect", "-z", "-v", "--json", "-w", "700ms", "127.0.0.1", "\(dead),\(open)")
    #expect(start.duration(to: .now) < .seconds(15))
    #expect(result.ending == .exit(69))
    #expect(result.text.contains(#""port":\#(dead),"state":"timeout""#), "\(result)")
    #expect(result.text.contains(#""port":\#(open),"state":"open""#), "\(result)")
    let line = try #require(result.errorLines.first { $0.hasPrefix("sockkit: 127.0.0.1:\(dead): timeout") })
    #expect(line.contains(/after (7..|[0-9]{4,})/), "\(result)")
    let message = "check of 127.0.0.1:\(dead): not finished within the time allowed (--timeout)"
    #expect(
      try await sockkit("connect", "-z", "--timeout", "300ms", "127.0.0.1", "\(dead)")
        == Finished(.exit(75), errors: "sockkit: \(message)\n"))
  }

  @Test func `--retry waits until all ports are open`() async throws {
    let server = try RunningProgram.python(
      """
      early, late = listening(), socket.socket()
      late.bind(("127.0.0.1", 0))
      say("late", late.getsockname()[1])
      told("listen")
      late.listen()
      told("enough")
      """)
    let early = try await server.printedPort()
    let late = try await server.outputLine(containing: "late ").dropFirst("late ".count)
    let check = RunningProgram.sockkit(
      "connect", "-z", "--trace", "--json", "--retry", "15s", "127.0.0.1", "\(early),\(late)")
    try await check.errorLine(containing: "ECONNREFUSED")
    server.send("listen\n")
    let end = try await check.finished()
    #expect(end.ending == .exit(0), "\(end)")
    #expect(end.text.split(separator: "\n").count { $0.contains(#""state":"open""#) } == 2, "\(end)")
  }

  @Test func `--retry gives up in time`() async throws {
    let port = SilentPort()
    #expect(
      try await sockkit("connect", "-z", "--retry", "300ms", "127.0.0.1", "\(port.number)")
        == Finished(.exit(69)))
  }

  @Test func `who accepts and resets at once listens, however soon the reset comes`() async throws {
    let server = try RunningProgram.python(
      """
      listeners = [listening() for _ in range(60)]
      say("ports", ",".join(str(one.getsockname()[1]) for one in listeners))
      while True:
          for one in select.select(listeners, [], [])[0]:
              client = one.accept()[0]
              client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
              client.close()
      """)
    let ports = try await server.outputLine(containing: "ports ").dropFirst("ports ".count)
    for _ in 0..<5 {
      let result = try await sockkit("connect", "-z", "-v", "127.0.0.1", "\(ports)")
      #expect(result.ending == .exit(0), "\(result)")
    }
  }

  @Test func `IPv6 is checked as IPv4 is`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "::1", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    let result = try await sockkit("connect", "-z", "-v", "-6", "[::1]:\(port)")
    #expect(result.ending == .exit(0))
    #expect(result.errors.hasPrefix("sockkit: [::1]:\(port): open after "), "\(result)")
    #expect(
      try await sockkit("connect", "-z", "::1", "\(port)").ending == .exit(69), "it took one connection")
  }

  @Test func `a Unix socket is checked by its path`() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s")
    #expect(try await sockkit("connect", "-z", "-U", path) == Finished(.exit(69)))
    let server = RunningProgram.sockkit("listen", "-v", "-U", path, input: .file("/dev/null"))
    try await server.errorLine(containing: "listening on ")
    let result = try await sockkit("connect", "-z", "--json", "unix:\(path)")
    #expect(result.ending == .exit(0))
    #expect(result.text.contains(#""path":"\#(path)","state":"open""#), "\(result)")
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test func `a reader that has enough ends it by SIGPIPE`() async throws {
    let result = try await shell(
      "{ sockkit connect -z --json 127.0.0.77 1-5000; echo $? >&2; } | head -n 1")
    #expect(result.errors == "141\n", "\(result)")
    #expect(result.text.contains(#""port":1,"state":"closed""#), "\(result)")
  }

  @Test(arguments: [
    ("90-80", "'90-80' is reversed: expected 80-90"), ("80,,90", "an item of '80,,90' is empty"),
    ("0", "port 0: expected a number from 1 to 65535 or a service name"),
    ("1-70000", "port 70000: expected a number from 1 to 65535 or a service name"),
  ])
  func `a bad list is refused`(list: String, message: String) async throws {
    #expect(try await sockkit("connect", "-z", "127.0.0.1", list) == .usage(message, of: "connect"))
  }

  @Test(arguments: [
    ("--stats", "--stats"), ("--progress", "--progress"), ("-q 1", "-q"), ("-i 1", "-i"),
    ("--send-only", "--send-only"), ("--recv-only", "--recv-only"), ("--no-shutdown", "--no-shutdown"),
    ("--quit-on-eof", "--quit-on-eof"), ("--fast-open", "--fast-open"),
    ("-C", "-C"), ("-t", "-t"), ("--rate 1M", "--rate"), ("-d 1", "-d"), ("-o x", "-o"), ("-x -", "-x"),
    ("--record-sent x", "--record-sent"), ("--record-received x", "--record-received"), ("--chat", "--chat"),
  ])
  func `flags about bytes are refused`(flags: String, name: String) async throws {
    let words = ["connect", "-z"] + flags.split(separator: " ").map(String.init) + ["127.0.0.1", "9"]
    #expect(
      try await sockkit(words)
        == .usage("\(name) has no effect with -z, which sends and receives nothing", of: "connect"))
  }

  @Test func `an unknown service or host is status 68, and a list without -z points to it`() async throws {
    #expect(
      try await sockkit("connect", "-z", "127.0.0.1", "22,nosuch")
        == Finished(.exit(68), errors: "sockkit: look up service nosuch: unknown service\n"))
    #expect(
      try await sockkit("connect", "127.0.0.1", "80/tcp")
        == Finished(
          .exit(68),
          errors: "sockkit: port 80/tcp: a port is written without its protocol\n"))
    #expect(
      try await sockkit("connect", "-z", "nosuch.invalid", "80")
        == Finished(.exit(68), errors: "sockkit: look up nosuch.invalid: Name or service not known\n"))
    #expect(
      try await sockkit("connect", "127.0.0.1", "22,80")
        == .usage(
          "'22,80' lists several ports (to check whether they are open, use '-z')", of: "connect"))
  }

  @Test func `a source of another family is named, with the port`() async throws {
    #expect(
      try await sockkit("connect", "-z", "-s", "127.0.0.1", "[::1]:2006")
        == Finished(
          .exit(68),
          errors: "sockkit: connect to [::1]:2006 from 127.0.0.1: 127.0.0.1 is IPv4, ::1 is IPv6\n"))
  }
}
