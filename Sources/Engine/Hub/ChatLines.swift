// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The lines of one member of a chat, as the other members see them: each with a label, and safe for a terminal.
package struct ChatLines {
  /// The time for which a line without a newline is held back: many programs send their messages without one.
  package static let patience = Duration.milliseconds(200)

  private let label: [UInt8]
  private let style: ChatStyle
  private var lines = LineBuffer()

  /// - Parameters:
  ///   - label: The prefix of each line.
  ///   - style: How the text is shown.
  package init(label: String, style: ChatStyle = .own) {
    self.label = Array(label.utf8)
    self.style = style
  }

  /// Whether a line has started that has no newline yet.
  package var isMidLine: Bool { lines.heldBytes > 0 }

  /// Adds bytes, and appends the lines that they complete.
  package mutating func add(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
    let (label, style) = (label, style)
    lines.add(bytes) { (piece, _) in Self.put(piece, label, style, to: &text) }
  }

  /// Completes a line that has started.
  package mutating func end(to text: inout [UInt8]) {
    let (label, style) = (label, style)
    lines.end { (piece, _) in Self.put(piece, label, style, to: &text) }
  }

  private static func put(
    _ piece: Span<UInt8>, _ label: [UInt8], _ style: ChatStyle, to text: inout [UInt8]
  ) {
    text += label
    text += style.text(of: piece).utf8
    text.append(ASCII.lineFeed)
  }
}
