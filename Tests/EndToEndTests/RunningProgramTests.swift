// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import TestSupport
import Testing

@Suite(.takingTurns)
struct RunningProgramTests {
  @Test func `a program that takes no input does not end the tests`() async throws {
    let program = RunningProgram(.shell("exec <&-; echo closed; exec sleep 20"))
    try await program.outputLine(containing: "closed")
    program.send("unread")
    program.signal(SIGTERM)
    #expect(try await program.finished().ending == .signal(SIGTERM))
  }

  @Test func `a program is started with SIGPIPE at its default`() async throws {
    let program = RunningProgram(.shell("grep SigIgn /proc/self/status"))
    let ignored = try await program.finish().text.split(separator: "\t").last
    let signals = try #require(ignored.flatMap { UInt64($0.dropLast(), radix: 16) })
    #expect(signals & (1 << (SIGPIPE - 1)) == 0)
  }
}
