// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@Suite(.takingTurns)
struct FilterUsageTests {
  @Test(arguments: [
    (["--append"], "--append requires a record or dump file"),
    (["--force", "-x", "-"], "--force requires a record or dump file"),
    (["--force", "--append", "-o", "f"], "--append and --force exclude each other"),
    (["-o", "f", "--record-sent", "f"], "--record and --record-sent name the same file"),
    (["--record-received", "f", "-x", "f"], "--record-received and --hex-dump name the same file"),
    (["--recv-only", "-C"], "--crlf has no effect with --recv-only, which reads no input"),
    (["--recv-only", "--rate", "1"], "--rate has no effect with --recv-only, which reads no input"),
    (["--recv-only", "-d1"], "--delay has no effect with --recv-only, which reads no input"),
    (
      ["-o", "-"],
      "invalid value '-' for -o: expected the name of a file; './-' is one called '-'"
    ),
    (
      ["--rate", "0"],
      "invalid value '0' for --rate: expected a size in bytes such as 4096, 64K, 1M or 2GiB, per second and at least 1"
    ),
  ])
  func `what makes no sense is refused`(flags: [String], message: String) async throws {
    for command in ["connect", "listen"] {
      let result = try await sockkit([command, "127.0.0.1", "1"] + flags)
      #expect(result == .usage(message, of: command))
    }
  }
}
