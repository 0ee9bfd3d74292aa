// SPDX-License-Identifier: GPL-3.0-or-later

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
