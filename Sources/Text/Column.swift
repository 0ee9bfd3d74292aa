// SPDX-License-Identifier: GPL-3.0-or-later

/// Text filled up with spaces to the width of a table's column; text that is wider stays as it is.
package enum Column {
  /// Puts the text at the left.
  package static func left(_ text: String, width: Int) -> String { text + filling(text, width) }

  /// Puts the text at the right, as numbers are.
  package static func right(_ text: String, width: Int) -> String { filling(text, width) + text }

  private static func filling(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count))
  }
}
