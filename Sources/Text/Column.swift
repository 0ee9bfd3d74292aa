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
