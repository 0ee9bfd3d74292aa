// SPDX-License-Identifier: GPL-3.0-or-later

/// The name by which a program was called.
package struct ProgramName: Sendable {
  /// As it was written, for the messages of `getopt`.
  package let path: String
  /// The last part of it, for other messages.
  package let base: String

  /// Takes the first word of a command line.
  package init(_ path: String) {
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
  package static func error(_ lines: [String], status: CInt) -> ProgramMessage {
    ProgramMessage(lines: lines, isOutput: false, status: status)
  }

  /// Help on standard error, where `nc` prints it.
  package static func help(_ lines: [String]) -> ProgramMessage {
    ProgramMessage(lines: lines, isOutput: false, status: 0)
  }
}
