// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// How the programs that are tested against are ended.
struct StrangerEndTests {
  @Test func `a server that has changed its user ends with the test`() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("", to: "lock")
    let server = Stranger(
      name: "a server",
      script: """
        exec setpriv --reuid postgres --regid postgres --clear-groups sh -euc '
          exec 9<"$1"
          flock 9
          echo locked
          exec sleep 1000' sh "$1"
        """
    ).start([file])
    try await server.outputLine(containing: "locked")
    let end = try await server.stop()
    #expect(end.ending == .signal(9), "\(end)")
    let locked = try await shell("flock --timeout 30 \"$1\" true", file)
    #expect(locked == Finished(.exit(0)), "\(locked)")
  }
}
