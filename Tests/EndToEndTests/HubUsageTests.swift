// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// Combinations of flags of `listen` that are refused.
@Suite(.takingTurns)
struct HubUsageTests {
  @Test(arguments: [
    (["-m", "3"], "-m counts the clients of --keep-open, and there is only one without it"),
    (["--grace", "1"], "--grace is about the clients of --keep-open, or a command, and there is neither"),
    (["--label"], "--label tells clients apart, and needs --keep-open"),
    (
      ["-k", "--progress"],
      "--progress shows one transfer, and is not for --keep-open, --reply, --greeting, --output-dir or --broker"
    ),
    (
      ["-k", "-o", "/nonexistent/file"],
      "--record would mix what many clients send and are sent; --output-dir has a file for each, --hex-dump says who "
        + "it was"
    ),
    (["-k", "--chat"], "--chat with many clients is a way of --broker, and needs it"),
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
      "--output-dir is about what clients send, which --send-only discards"
    ),
    (["-k", "--send-only", "--label"], "--label is about what clients send, which --send-only discards"),
    (["--send-only", "--broker"], "--broker is about what clients send, which --send-only discards"),
    (
      ["--recv-only", "--reply", "x"],
      "--reply is about what clients are sent, which is nothing with --recv-only"
    ),
    (
      ["--recv-only", "--broker"],
      "--broker is about what clients are sent, which is nothing with --recv-only"
    ),
    (
      ["--broker", "-q", "1"],
      "-q counts from the end of standard input, which ends nothing for clients of --broker"
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
