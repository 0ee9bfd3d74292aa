// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct TransferTests {
  @Test func `64 MiB of random bytes go each way at the same time, unchanged`() async throws {
    let directory = try TemporaryDirectory()
    let there = try await directory.writeRandom(mebibytes: 64, to: "there")
    let back = try await directory.writeRandom(mebibytes: 64, to: "back")
    let server = RunningProgram.sockkit(
      "listen", "-v", "127.0.0.1", "0", input: .file(back), output: .file(directory.file("arrived there")),
      limit: 60)
    let port = try await server.announcedPort()
    let client = try await sockkit(
      "connect", "127.0.0.1:\(port)", input: .file(there), output: .file(directory.file("arrived back")),
      limit: 60)
    #expect(client == Finished(.exit(0)))
    #expect(try await server.finished().ending == .exit(0))
    let digests = try await directory.digests("there", "arrived there", "back", "arrived back")
    #expect(digests[0] == digests[1])
    #expect(digests[2] == digests[3])
  }
}
