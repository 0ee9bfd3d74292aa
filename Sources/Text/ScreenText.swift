// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Text from a peer made safe for a screen while it arrives, in pieces that end anywhere: lines that are finished, and
/// one that is not.
///
/// What could move the cursor or hide text is written as an escape, as `TerminalSafe` does. A carriage return before a
/// line feed is part of the line's end.
package struct ScreenText {
  /// Whether a tab becomes the spaces to the next multiple of eight.
  private let expandsTabs: Bool
  private let label: String
  private let columnCount: (Unicode.Scalar) -> Int
  /// How many bytes a row may have for each of its columns: letters with marks above and below have a few.
  private static let mostBytes = 32

  /// What there is of the last line, with its label; empty once there is nothing to be shown of it.
  package private(set) var unfinished = ""
  /// The columns that it takes.
  private var width = 0
  /// Whether it goes on behind text that was handed out.
  private var isContinuation = false
  /// Whether that text ended in a row of its own.
  private var isRowEnded = false
  /// A carriage return, or the beginning of a character.
  private var incomplete: [UInt8] = []
  /// The last character of the line; `nil` at its beginning, and behind what is no text.
  private var previous: Unicode.Scalar?

  /// Creates a text of which nothing has arrived.
  ///
  /// - Parameters:
  ///   - label: What every line begins with.
  ///   - expandsTabs: Whether a tab becomes spaces, for a screen on which every character has to take its columns.
  ///   - columnCount: How many columns a printable character takes.
  package init(
    label: String = "", expandsTabs: Bool = false, columnCount: @escaping (Unicode.Scalar) -> Int = { _ in 1 }
  ) {
    self.label = label
    self.expandsTabs = expandsTabs
    self.columnCount = columnCount
  }

  /// Whether the last line has no end yet.
  package var isMidLine: Bool { isContinuation || !unfinished.isEmpty || !incomplete.isEmpty }

  // MARK: What arrives

  /// Takes bytes in.
  ///
  /// - Returns: The lines that they finish, each with its newline.
  package mutating func take(_ bytes: Span<UInt8>) -> String {
    var finished = ""
    for index in bytes.indices { take(bytes[index], finishing: &finished) }
    return finished
  }

  private mutating func take(_ byte: UInt8, finishing finished: inout String) {
    switch byte {
    case UInt8(ascii: "\n"):
      if incomplete != [UInt8(ascii: "\r")] { showIncomplete() }
      incomplete = []
      beginLine()
      finished += endLine()
    case UInt8(ascii: "\r"), 0xC2...0xF4:
      showIncomplete()
      incomplete = [byte]
    case 0x80..<0xC0 where !incomplete.isEmpty && incomplete != [UInt8(ascii: "\r")]:
      incomplete.append(byte)
      if incomplete.count == ByteText.sequenceLength(incomplete[0]) { showIncomplete() }
    default:
      showIncomplete()
      show([byte])
    }
  }

  private mutating func showIncomplete() {
    guard !incomplete.isEmpty else { return }
    show(incomplete)
    incomplete = []
  }

  private mutating func show(_ bytes: [UInt8]) {
    beginLine()
    guard let scalar = TerminalSafe.scalar(utf8: bytes.span) else {
      previous = nil
      return append(bytes.map(TerminalSafe.byteEscape).joined())
    }
    if scalar == "\t" {
      let count = 8 - width % 8
      unfinished += expandsTabs ? String(repeating: " ", count: count) : "\t"
      width += count
    } else {
      append(TerminalSafe.escape(scalar, after: previous))
    }
    previous = scalar
  }

  private mutating func append(_ text: String) {
    unfinished += text
    width += text.unicodeScalars.reduce(0) { $0 + columnCount($1) }
  }

  private mutating func beginLine() {
    guard unfinished.isEmpty, !isContinuation else { return }
    unfinished = label
    width = label.unicodeScalars.count
  }

  // MARK: What becomes of the last line

  /// Hands out what there is of the last line, which goes on behind it.
  package mutating func takeUnfinished() -> String {
    guard !unfinished.isEmpty else { return "" }
    isContinuation = true
    isRowEnded = false
    defer { unfinished = "" }
    return unfinished
  }

  /// Hands out so much of the last line that less than a row is left, in full rows that end with a newline.
  ///
  /// What takes no columns does not make a row longer than any text needs: it would grow without end.
  package mutating func takeRows(of columns: Int) -> String {
    let most = columns * Self.mostBytes
    guard width >= columns || unfinished.utf8.count >= most, columns > 1 else { return "" }
    var rows = ""
    var row = String.UnicodeScalarView()
    var rowWidth = 0
    var rowBytes = 0
    for scalar in unfinished.unicodeScalars {
      let count = columnCount(scalar)
      if rowWidth + count > columns || rowBytes >= most {
        rows += String(row) + "\n"
        row = String.UnicodeScalarView()
        rowWidth = 0
        rowBytes = 0
      }
      row.append(scalar)
      rowWidth += count
      rowBytes += UTF8.width(scalar)
    }
    if rowWidth == columns {
      rows += String(row) + "\n"
      row = String.UnicodeScalarView()
      rowWidth = 0
    }
    unfinished = String(row)
    width = rowWidth
    isContinuation = true
    isRowEnded = true
    return rows
  }

  /// Ends the last line though no newline has come, and hands out what there is of it, with a newline; what arrives is
  /// a new one. Of a line of which nothing can be shown yet, nothing is handed out.
  package mutating func takeLine() -> String {
    isContinuation || !unfinished.isEmpty ? endLine() : ""
  }

  private mutating func endLine() -> String {
    defer { breakLine() }
    return isRowEnded && unfinished.isEmpty ? "" : unfinished + "\n"
  }

  /// The last line was ended on the screen by somebody else; what arrives is a new one.
  package mutating func breakLine() {
    unfinished = ""
    width = 0
    isContinuation = false
    isRowEnded = false
    previous = nil
  }

  /// Nothing more will arrive: what is incomplete becomes part of the last line, as an escape.
  package mutating func finish() { showIncomplete() }
}
