// SPDX-License-Identifier: GPL-3.0-or-later

/// The name by which a program was called.
struct ProgramName: Sendable {
  /// As it was written, for the messages of `getopt`.
  let path: String
  /// The last part of it, for other messages.
  let base: String

  /// Takes the first word of a command line.
  init(_ path: String) {
    self.path = path
    base = path.split(separator: "/").last.map(String.init) ?? path
  }
}

/// A command line that is answered by text alone.
package struct ProgramMessage: Error, Equatable {
  /// The lines.
  package let lines: [String]
  /// Whether they belong to standard output; otherwise to standard error.
  package let isOutput: Bool
  /// The exit status.
  package let status: CInt

  /// A usage error.
  static func error(_ lines: [String], status: CInt) -> ProgramMessage {
    ProgramMessage(lines: lines, isOutput: false, status: status)
  }

  /// Help on standard error, where `nc` prints it.
  static func help(_ lines: [String]) -> ProgramMessage {
    ProgramMessage(lines: lines, isOutput: false, status: 0)
  }
}
