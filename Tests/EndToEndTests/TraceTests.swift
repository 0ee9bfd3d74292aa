// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@Suite(.takingTurns)
struct TraceTests {
  @Test func `--trace reads like the textbook, on both sides`() async throws {
    let server = RunningProgram.sockkit(
      "listen", "-v", "--trace", "127.0.0.1", "0", input: .file("/dev/null"))
    let port = try await server.announcedPort()
    let client = try await sockkit(
      "connect", "--trace", "127.0.0.1", "\(port)", input: .bytes(Array("hi".utf8)))
    #expect(client.ending == .exit(0))
    let calls = [
      #"^socket\(AF_INET, SOCK_STREAM, 0\) = \d+ \[\d+\.\d\d ms\]$"#,
      #"^connect\(\d+, 127\.0\.0\.1:\#(port)\) = "#,
      #"^shutdown\(\d+, SHUT_WR\) = 0 \["#, #"^close\(\d+\) = 0 \["#,
    ]
    for call in calls { #expect(try Self.has(client, call), "\(call) \(client)") }
    let end = try await server.finished()
    #expect(end.ending == .exit(0))
    #expect(end.text == "hi")
    let serverCalls = [
      #"^socket\(AF_INET, SOCK_STREAM, 0\) = \d+ "#, #"^bind\(\d+, 127\.0\.0\.1:0\) = 0 "#,
      #"^listen\(\d+, 4096\) = 0 "#, #"^accept\(\d+\) = \d+ from 127\.0\.0\.1:\d+ \["#,
      #"^setsockopt\(\d+, SOL_SOCKET, SO_REUSEADDR, 1\) = 0 "#,
    ]
    for call in serverCalls { #expect(try Self.has(end, call), "\(call) \(end)") }
  }

  @Test func `a failed call shows the error by its C name`() async throws {
    let port = SilentPort()
    let result = try await sockkit("connect", "--trace", "127.0.0.1", "\(port.number)")
    #expect(result.ending == .exit(69))
    #expect(
      try Self.has(
        result,
        #"^connect\(\d+, 127\.0\.0\.1:\d+\) = -1 ECONNREFUSED \(Connection refused\) \[\d+\.\d\d ms\]$"#))
  }

  @Test func `every call is a record in JSON`() async throws {
    let port = SilentPort()
    let result = try await sockkit(
      "connect", "--trace", "--log-format", "json", "127.0.0.1", "\(port.number)")
    let records = try result.errorLines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let calls = records.filter { $0["event"] as? String == "call" }
    let connect = try #require(
      calls.last {
        ($0["call"] as? String)?.hasPrefix("connect(") == true && ($0["result"] as? String) != "0"
      })
    #expect(connect["milliseconds"] is Double)
    #expect((connect["result"] as? String)?.hasPrefix("-1 E") == true)
  }

  @Test func `a peer that has stopped sending is probed while standard input is silent`() async throws {
    let peer = try RunningProgram.python(
      "connection = accepted(); connection.shutdown(1); received(connection)")
    let client = RunningProgram.sockkit("connect", "--trace", "127.0.0.1:\(try await peer.printedPort())")
    try await client.errorLine(containing: "SOL_SOCKET, SO_KEEPALIVE, 1) = 0")
    try await client.errorLine(containing: "IPPROTO_TCP, TCP_KEEPIDLE, 5) = 0")
    try await client.errorLine(containing: "IPPROTO_TCP, TCP_KEEPINTVL, 5) = 0")
    #expect(try await client.finish().ending == .exit(0))
  }

  /// The trace of an echo server from its start to its end, with one client in between.
  private static func narration(_ flags: String...) async throws -> Finished {
    let server = RunningProgram(.sockkit(["echo-server", "-v", "--trace"] + flags + ["127.0.0.1:0"]))
    let port = try await server.announcedPort()
    let client = try await sockkit("connect", "127.0.0.1", "\(port)", input: .bytes(Array("hi".utf8)))
    #expect(client == Finished(.exit(0), output: "hi"))
    server.signal(SIGTERM)
    return try await server.finished()
  }

  @Test func `each line names the process where there are several`() async throws {
    let end = try await Self.narration("--model", "fork")
    #expect(end.ending == .exit(0))
    for call in [
      #"^\[\d+\] fork\(\) = [1-9]"#, #"^\[\d+\] fork\(\) = 0 "#, #"^\[\d+\] recv\(\d+, \d+\) = 2 "#,
    ] {
      #expect(try Self.has(end, call), "\(call) \(end)")
    }
    let callers = Set(end.errorLines.compactMap { $0.hasPrefix("[") ? $0.prefix { $0 != "]" } : nil })
    #expect(callers.count == 2, "\(end)")
    #expect(try Self.has(end, #"^bind\(\d+, 127\.0\.0\.1:0\) = 0 "#), "\(end)")
  }

  @Test(arguments: [["--model", "thread"], ["--workers", "2"]])
  func `each line names the thread where there are several`(flags: [String]) async throws {
    let end = try await Self.narration(flags[0], flags[1])
    #expect(end.ending == .exit(0))
    #expect(try Self.has(end, #"^\[\d+\.\d+\] recv\(\d+, \d+\) = 2 "#), "\(end)")
    let start = try #require(end.errorLines.firstIndex { $0.hasPrefix("[") })
    let unnamed = end.errorLines[start...].filter { !$0.hasPrefix("[") && !$0.hasPrefix("sockkit: ") }
    #expect(unnamed.isEmpty, "\(unnamed)")
  }

  @Test func `every line is the function that was called, with its result`() async throws {
    let end = try await Self.narration("--model", "thread")
    #expect(try Self.has(end, #"eventfd_write\(\d+, 1\) = 0 "#), "\(end)")
    #expect(try !Self.has(end, #"[ \]]write\(\d+, 1\) = 0"#), "\(end)")
    #expect(try Self.has(end, #"signalfd\(-1, \{SIG[A-Z ]+\}, SFD_CLOEXEC\|SFD_NONBLOCK\) = \d+ "#), "\(end)")
    let unknown = try await sockkit("connect", "--trace", "nosuch.invalid", "80")
    #expect(
      try Self.has(unknown, #"^getaddrinfo\("nosuch\.invalid"\) = -2 \(Name or service not known\) "#),
      "\(unknown)")
    let command = try await sockkit("listen", "--trace", "-w", "10ms", "127.0.0.1:0", "--", "true")
    #expect(command.ending == .exit(75))
  }

  @Test func `without --trace nothing is narrated`() async throws {
    let server = RunningProgram.sockkit("listen", "-v", "127.0.0.1", "0", input: .file("/dev/null"))
    #expect(try await sockkit("connect", "127.0.0.1", "\(server.announcedPort())") == Finished(.exit(0)))
    #expect(try await server.finished().errorLines.allSatisfy { $0.hasPrefix("sockkit: ") })
  }

  private static func has(_ result: Finished, _ pattern: String) throws -> Bool {
    let regex = try Regex(pattern)
    return result.errorLines.contains { $0.contains(regex) }
  }
}
