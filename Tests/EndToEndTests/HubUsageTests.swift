// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Combinations of flags of `listen` that are refused.
@Suite(.takingTurns)
struct HubUsageTests {
  @Test(arguments: [
    (["-m", "3"], "-m requires --keep-open"),
    (["--grace", "1"], "--grace requires --keep-open or a command"),
    (["--label"], "--label requires --keep-open"),
    (
      ["-k", "--progress"],
      "--progress shows one transfer, and is not for --keep-open, --reply, --greeting, --output-dir or --broker"
    ),
    (
      ["-k", "-o", "/nonexistent/file"],
      "--record would mix the bytes of many clients (for a file per client, use '--output-dir DIR'; to name "
        + "the client, '--hex-dump FILE')"
    ),
    (["-k", "--chat"], "--chat with several clients requires --broker"),
    (
      ["--broker", "--reply", "x"],
      "--reply and --broker exclude each other: clients get what other clients send"
    ),
    (
      ["--broker", "--label"], "--label and --broker exclude each other: clients get what other clients send"
    ),
    (["--reply", "x", "--reply-file", "y"], "--reply and --reply-file exclude each other"),
    (
      ["-k", "--label", "--output-dir", "/tmp"],
      "--label marks lines on standard output, where --output-dir writes none"
    ),
    (
      ["-k", "--send-only", "--output-dir", "/tmp"],
      "--output-dir has no effect with --send-only, which discards what clients send"
    ),
    (
      ["-k", "--send-only", "--label"],
      "--label has no effect with --send-only, which discards what clients send"
    ),
    (
      ["--send-only", "--broker"], "--broker has no effect with --send-only, which discards what clients send"
    ),
    (
      ["--recv-only", "--reply", "x"],
      "--reply has no effect with --recv-only, which sends nothing"
    ),
    (
      ["--recv-only", "--broker"],
      "--broker has no effect with --recv-only, which sends nothing"
    ),
    (
      ["--broker", "-q", "1"],
      "-q has no effect with --broker, whose clients stay when standard input ends"
    ),
    (
      ["--reply", #"\q"#],
      #"invalid value '\q' for --reply: expected a text in which a backslash begins \n, \r, \t, \0, \\ or \xNN"#
    ),
    (
      ["--output-dir", ""],
      "invalid value '' for --output-dir: expected a text that is not empty"
    ),
  ])
  func `are refused by name`(flags: [String], message: String) async throws {
    #expect(try await sockkit(["listen"] + flags + ["127.0.0.1:0"]) == .usage(message, of: "listen"))
  }
}
