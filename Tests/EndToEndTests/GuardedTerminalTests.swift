// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// What a peer sends to a terminal where no line is edited.
@Suite(.takingTurns)
struct GuardedTerminalTests {
  @Test(arguments: [["--recv-only", "xterm"], ["-v", "dumb"], ["--timeout 60", ""]])
  func `control sequences are made visible wherever there is a terminal`(words: [String]) async throws {
    let result = try await screens(
      """
      with Call("\(words[0])", TERM="\(words[1])", columns=100) as (screen, peer):
          peer.sendall(b"a\\x1b[2Jb\\tc\\r\\n\\x9b\\rd")
          peer.close()
          screen.wait(lambda rows: r"a\\x1b[2Jb       c" in rows, "the first line")
          screen.wait(lambda rows: any(row.startswith(r"\\x9b\\x0dd") for row in rows), "the second line")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test func `--raw lets them through`() async throws {
    let result = try await screens(
      """
      with Call("--raw") as (screen, peer):
          peer.sendall(b"gone\\x1b[2J\\x1b[Hhere")
          screen.shows("here")
      """)
    #expect(result == Finished(.exit(0)))
  }

  @Test(arguments: ["", "--label"])
  func `they are made visible in the lines of many clients`(label: String) async throws {
    let result = try await screens(
      """
      with Call("-k \(label)", command="listen", columns=100) as (screen, peer):
          peer.sendall(b"a\\x1b[2Jb\\tc\\xff\\r\\n")
          screen.wait(lambda rows: " ".join(rows[0].split()).endswith(r"a\\x1b[2Jb c\\xff"), "the line")
      """)
    #expect(result == Finished(.exit(0)))
  }
}
