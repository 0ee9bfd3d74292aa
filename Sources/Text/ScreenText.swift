// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Makes a peer's text safe for a screen while it arrives, in pieces of any size: complete lines, and one that is
/// incomplete.
///
/// Characters that could move the cursor or hide text are escaped, as by `TerminalSafe`. A carriage return before a
/// line feed is part of the line ending.
package struct ScreenText {
  /// Whether a tab is replaced by spaces up to the next multiple of eight.
  private let expandsTabs: Bool
  private let label: String
  private let labelColor: TextColor?
  private let columnCount: (Unicode.Scalar) -> Int
  /// The maximum number of bytes of a row for each of its columns: letters with combining marks take several.
  private static let mostBytes = 32

  /// The text of the last line, with its label; empty if there is nothing to show.
  package private(set) var unfinished = ""
  /// The number of columns that it takes.
  private var width = 0
  /// Whether it continues text that was already returned.
  private var isContinuation = false
  /// Whether that text ended with a full row and a newline.
  private var isRowEnded = false
  /// A carriage return, or the first bytes of a character.
  private var incomplete: [UInt8] = []
  /// The last character of the line; `nil` at its start, and after a byte that is not text.
  private var previous: Unicode.Scalar?

  /// Creates an empty text.
  ///
  /// - Parameters:
  ///   - label: The prefix of every line.
  ///   - labelColor: The colour of the prefix; `nil` for none.
  ///   - expandsTabs: Whether tabs are replaced by spaces, for a screen on which the width of every character must be
  ///     known.
  ///   - columnCount: The number of columns of a printable character.
  package init(
    label: String = "", labelColor: TextColor? = nil, expandsTabs: Bool = false,
    columnCount: @escaping (Unicode.Scalar) -> Int = { _ in 1 }
  ) {
    self.label = label
    self.labelColor = labelColor
    self.expandsTabs = expandsTabs
    self.columnCount = columnCount
  }

  /// Whether the last line is incomplete.
  package var isMidLine: Bool { isContinuation || !unfinished.isEmpty || !incomplete.isEmpty }

  // MARK: Input

  /// Adds bytes.
  ///
  /// - Returns: The lines that they complete, each with its newline.
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

  // MARK: The last line

  /// Returns the text of the last line, which continues after it.
  package mutating func takeUnfinished() -> String {
    guard !unfinished.isEmpty else { return "" }
    let text = colored(unfinished)
    isContinuation = true
    isRowEnded = false
    unfinished = ""
    return text
  }

  /// Returns full rows of the last line, each with a newline, until less than a row is left.
  ///
  /// Characters without a width do not make a row longer than any real text needs; otherwise it could grow without
  /// limit.
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
    rows = colored(rows)
    unfinished = String(row)
    width = rowWidth
    isContinuation = true
    isRowEnded = true
    return rows
  }

  /// The text with its label in colour, if it starts with the label.
  private func colored(_ text: String) -> String {
    guard let labelColor, !isContinuation, text.hasPrefix(label) else { return text }
    return labelColor.applied(to: label) + text.dropFirst(label.count)
  }

  /// Ends the last line although no newline has arrived, and returns its text with a newline; further bytes start a new
  /// line. If nothing of the line can be shown yet, nothing is returned.
  package mutating func takeLine() -> String {
    isContinuation || !unfinished.isEmpty ? endLine() : ""
  }

  private mutating func endLine() -> String {
    defer { breakLine() }
    return isRowEnded && unfinished.isEmpty ? "" : colored(unfinished) + "\n"
  }

  /// Notes that other output has ended the last line on the screen; further bytes start a new line.
  package mutating func breakLine() {
    unfinished = ""
    width = 0
    isContinuation = false
    isRowEnded = false
    previous = nil
  }

  /// Notes the end of the text: an incomplete character becomes part of the last line, as an escape.
  package mutating func finish() { showIncomplete() }
}
