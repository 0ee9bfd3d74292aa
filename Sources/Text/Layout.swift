// SPDX-License-Identifier: GPL-3.0-or-later

/// Pads text with spaces to the width of a table's column; wider text is unchanged.
package enum Column {
  /// Aligns the text on the left.
  package static func left(_ text: String, width: Int) -> String { text + filling(text, width) }

  /// Aligns the text on the right, as for numbers.
  package static func right(_ text: String, width: Int) -> String { filling(text, width) + text }

  private static func filling(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count))
  }
}

/// Prose in lines of a limited width.
package enum Paragraph {
  /// Breaks a text at its spaces; a word that is wider than a line has a line of its own.
  package static func wrap(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
