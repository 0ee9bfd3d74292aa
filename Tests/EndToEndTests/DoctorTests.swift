// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@Suite(.takingTurns)
struct DoctorTests {
  private struct Record: Decodable {
    let check: String
    let value: String
    let number: Int?
    let limits: String?
    let changes: [String]?
  }

  @Test func `every check is an object of JSON, with limits and changes in pairs`() async throws {
    let result = try await sockkit("doctor", "--json")
    #expect(result.ending == .exit(0) && result.errors.isEmpty, "\(result)")
    let records = try result.text.split(separator: "\n").map {
      try JSONDecoder().decode(Record.self, from: Data($0.utf8))
    }
    #expect(
      records.map(\.check) == [
        "kernel", "ipv4", "ipv6", "resolver", "descriptors", "receiveBuffer", "sendBuffer", "backlog",
        "localPorts", "privilegedPorts", "fastOpen", "multipath", "terminal", "locale", "landlock", "openSSL",
      ])
    #expect(records.allSatisfy { ($0.limits == nil) == ($0.changes == nil) && !$0.value.isEmpty })
  }

  @Test func `the text marks what is limited, and counts it`() async throws {
    let records = try await sockkit("doctor", "--json").text.split(separator: "\n")
    let limited = records.count { $0.contains(#""limits":"#) }
    let result = try await sockkit("doctor")
    #expect(result.ending == .exit(0) && result.errors.isEmpty, "\(result)")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("! ") } == limited)
    #expect(lines.count { $0.hasPrefix("    limits: ") } == limited)
    #expect(lines.count { $0.hasPrefix("    change: ") } == limited)
    let sum =
      limited == 0 ? "Nothing is limited." : "\(limited) of \(records.count) checks found a limit (!)."
    #expect(lines.last.map(String.init) == sum)
  }

  @Test func `the limit of descriptors is that of the process`() async throws {
    let result = try await shell("ulimit -Sn 300; ulimit -Hn 400; sockkit doctor --json | grep descriptors")
    let record = try JSONDecoder().decode(Record.self, from: Data(result.output))
    #expect(record.value == "300 per process; servers raise this to 400" && record.number == 400)
    #expect(record.limits == "a server has fewer than 400 clients at a time, and forward fewer than 200")
  }

  @Test func `a locale that is not installed is named`() async throws {
    let result = try await shell("LC_ALL=xx_XX sockkit doctor --json | grep locale")
    let record = try JSONDecoder().decode(Record.self, from: Data(result.output))
    #expect(record.value == "xx_XX, which is not installed; UTF-8 is assumed")
  }

  @Test func `nothing is sent`() async throws {
    let result = try await sockkit("doctor", "--trace")
    #expect(result.ending == .exit(0))
    #expect(result.errors.contains("connect(") && !result.errors.contains("send"), "\(result)")
  }

  @Test func `it finds the same in the sandbox`() async throws {
    let confined = try await sockkit("doctor", "-v")
    #expect(confined.ending == .exit(0) && confined.sandbox.contains("seccomp"), "\(confined)")
    #expect(try await sockkit("doctor", "--no-sandbox").text == confined.text)
  }
}
