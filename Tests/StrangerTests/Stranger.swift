// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

/// A program that is not installed, but was unpacked by `scripts/unpack-strangers`.
///
/// Its script runs as root of a system of its own, in which it can write its configuration where the program reads it.
struct Stranger: Sendable, CustomTestStringConvertible {
  /// The name in the results of tests.
  let name: String
  /// A script for `sh` with which the program runs in the foreground.
  let script: String

  var testDescription: String { name }

  /// Starts the program; the arguments are `$1` and on in the script.
  func start(
    _ arguments: [String], input: RunningProgram.Input = .file("/dev/null"),
    limit: Double = RunningProgram.limit
  ) -> RunningProgram {
    RunningProgram(
      Program(
        path: Project.path("scripts/run-stranger"),
        arguments: [Project.path(".build/strangers"), script] + arguments,
        title: "\(name) with \(arguments.joined(separator: " "))"), input: input, limit: limit)
  }
}
