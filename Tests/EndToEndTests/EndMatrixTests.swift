// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Every combination of standard input, standard output and the peer's behaviour, in every mode of transfer.
///
/// The script defines the expected result of each case, and reports the cases that failed.
@Suite(.takingTurns)
struct EndMatrixTests {
  private static let script = URL(
    fileURLWithPath: "Scripts/end-matrix.py", relativeTo: URL(fileURLWithPath: #filePath))
  private static let ways = [
    "plain", "rate", "quit-on-eof", "send-only", "recv-only", "quit-after", "no-shutdown",
  ]

  private static func matrix(_ arguments: String...) throws -> Program {
    try .other("python3", package: "python3", [script.path] + arguments)
  }

  @Test(arguments: ways, ["connect", "listen"])
  func `status, bytes and what the peer sees agree`(way: String, role: String) async throws {
    let finished = try await RunningProgram(Self.matrix(way, role), input: .file("/dev/null"), limit: 240)
      .finished()
    #expect(finished.ending == .exit(0) && finished.text.hasSuffix("cases, 0 failed\n"), "\(finished)")
  }

  @Test func `status, bytes and what the client sees agree with -k`() async throws {
    let program = try Self.matrix("keep-open", "listen")
    let finished = try await RunningProgram(program, input: .file("/dev/null"), limit: 240).finished()
    #expect(finished.ending == .exit(0) && finished.text.hasSuffix("cases, 0 failed\n"), "\(finished)")
  }

  @Test(arguments: ["plain", "rate"])
  func `forward passes on ends as ends and resets as resets`(way: String) async throws {
    let program = try Self.matrix(way, "forward")
    let finished = try await RunningProgram(program, input: .file("/dev/null"), limit: 240).finished()
    #expect(finished.ending == .exit(0) && finished.text.hasSuffix("cases, 0 failed\n"), "\(finished)")
  }

  @Test(arguments: ["connect", "listen"])
  func `a peer that vanishes with bytes under way is status 74`(role: String) async throws {
    guard try await PrivateNetwork.isPermitted() else {
      print("skipped: 12 cases of a peer that vanishes, because this system permits no network namespaces")
      #expect(
        ProcessInfo.processInfo.environment["CI"] == nil, "these cases have to run where changes are accepted"
      )
      return
    }
    let program = try Self.matrix("plain", role, "vanish")
    let finished = try await PrivateNetwork(.none).run(program)
    #expect(finished.ending == .exit(0) && finished.text.hasSuffix("cases, 0 failed\n"), "\(finished)")
  }
}
