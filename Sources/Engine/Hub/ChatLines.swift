// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// What one member of a chat says, as the others see it: line by line, with who said it, and safe for a terminal.
package struct ChatLines {
  /// How long a line without a newline is held for one: many programs send their messages without.
  package static let patience = Duration.milliseconds(200)

  private let label: [UInt8]
  private var lines = LineBuffer()

  /// - Parameter label: What each line begins with.
  package init(label: [UInt8]) { self.label = label }

  /// Whether a line has begun that has no newline yet.
  package var isMidLine: Bool { lines.heldBytes > 0 }

  /// Takes bytes in, and appends the lines that are whole with them.
  package mutating func add(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
    let label = label
    lines.add(bytes) { (piece, _) in Self.put(piece, label, to: &text) }
  }

  /// Completes what was begun.
  package mutating func end(to text: inout [UInt8]) {
    let label = label
    lines.end { (piece, _) in Self.put(piece, label, to: &text) }
  }

  private static func put(_ piece: Span<UInt8>, _ label: [UInt8], to text: inout [UInt8]) {
    text += label
    text += TerminalSafe.escape(line: piece).utf8
    text.append(ASCII.lineFeed)
  }
}
