// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `connect -z` with several hosts, and the status for a single port.
@Suite(.takingTurns)
struct CheckHostsTests {
  /// Replaces the times in records and lines.
  private static func timeless(_ text: String) -> String {
    text.replacing(/"milliseconds":[0-9.e-]+/) { _ in "\"milliseconds\":T" }
      .replacing(/after [0-9.]+ ms/) { _ in "after T" }
  }

  @Test func `several hosts are reported in the order given, and decide together`() async throws {
    let server = RunningProgram.sockkit("echo-server", "-v", "127.0.0.1:0")
    let open = try await server.announcedPort()
    let closed = SilentPort(at: [127, 0, 0, 3])
    let result = try await sockkit(
      "connect", "-z", "-v", "--json", "localhost:\(open)", "127.0.0.3:\(closed.number)",
      "nosuch.invalid:1-2",
      "127.0.0.1:\(open)")
    #expect(result.ending == .exit(69), "\(result)")
    #expect(
      Self.timeless(result.text) == """
        {"host":"localhost","milliseconds":T,"port":\(open),"state":"open"}
        {"host":"127.0.0.3","milliseconds":T,"port":\(closed.number),"state":"closed"}
        {"host":"nosuch.invalid","milliseconds":T,"port":1,"state":"unknown"}
        {"host":"nosuch.invalid","milliseconds":T,"port":2,"state":"unknown"}
        {"host":"127.0.0.1","milliseconds":T,"port":\(open),"state":"open"}

        """)
    let unknown = "look up nosuch.invalid: Name or service not known"
    #expect(
      Self.timeless(result.errors) == """
        sockkit: 127.0.0.1:\(open): open after T
        sockkit: 127.0.0.3:\(closed.number): closed after T (Connection refused)
        sockkit: \(unknown)
        sockkit: nosuch.invalid:1: unknown after T (\(unknown))
        sockkit: nosuch.invalid:2: unknown after T (\(unknown))
        sockkit: 127.0.0.1:\(open): open after T

        """)
    #expect(
      try await sockkit("connect", "-z", "127.0.0.1:\(open)", "localhost:\(open),\(open)")
        == Finished(.exit(0)))
    server.signal(SIGTERM)
    #expect(try await server.finished().ending == .exit(0))
  }

  @Test(arguments: [
    (
      "-z db:1 80 cache:6379", "'cache:6379' is not a port (with several hosts, each is one word: HOST:PORTS)"
    ),
    ("-z db:1 cache:", "'cache:' has no port"),
    ("-z ::1 ::2", "'::1' is ambiguous: write an IPv6 address as [IPV6]:PORT or IPV6 PORT"),
    ("a:1 b:2", "one word too many: 'b:2' (a command goes after '--')"),
  ])
  func `words that are no hosts are refused`(line: String, message: String) async throws {
    let words = line.split(separator: " ").map(String.init)
    #expect(try await sockkit(["connect"] + words) == .usage(message, of: "connect"))
  }

  @Test(.onPrivateNetworks) func `a host whose look-up takes its time does not hold up the others`()
    async throws
  {
    let result = try await PrivateNetwork(.silent, hosts: "127.0.0.1 known").python(
      """
      listener = socket.create_server(("127.0.0.1", 7000))
      check = subprocess.Popen(
          ["sockkit", "connect", "-z", "--json", "-w", "2s", "known:7000", "a.example:1", "b.example:1", "c.example:1"],
          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
      first = json.loads(check.stdout.readline())
      start = time.monotonic()
      others = [json.loads(line) for line in check.stdout]
      seconds = time.monotonic() - start
      say(first["host"], first["state"], [(one["host"], one["state"]) for one in others], check.wait(20))
      # The time of one look-up, after the first line: neither none nor that of three.
      assert 0.5 < seconds < 5, seconds
      """)
    #expect(
      result
        == Finished(
          .exit(0),
          output:
            "known open [('a.example', 'unknown'), ('b.example', 'unknown'), ('c.example', 'unknown')] 69\n"))
  }

  @Test func `one port that says nothing is status 75`() async throws {
    let silent = try RunningProgram.python(
      """
      listener = listening(backlog=0)
      waiting = [socket.socket() for _ in range(4)]
      for one in waiting:
          one.setblocking(False)
          one.connect_ex(listener.getsockname())
      assert select.select([], waiting, [], 10)[1]
      say("full")
      told("done")
      """)
    let port = try await silent.printedPort()
    try await silent.outputLine(containing: "full")
    #expect(try await sockkit("connect", "-z", "-w", "0.3", "127.0.0.1", "\(port)") == Finished(.exit(75)))
    #expect(
      try await sockkit("connect", "-z", "-w", "0.3", "127.0.0.1:\(port)", "127.0.0.1:\(port)")
        == Finished(.exit(69)))
  }
}
