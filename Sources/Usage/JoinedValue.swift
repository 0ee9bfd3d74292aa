// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Flags of one letter joined with an option and its value in one word, `-zvw1`, which `getopt` accepts and users type.
package enum JoinedValue {
  private static let flags = Set("46NCktnvz".utf8)
  private static let options = Set("dimpqsw".utf8)

  /// Moves the last option of such a word, with its value, to a word of its own: `-zv` and `-w1`.
  ///
  /// All other words are unchanged, as are values that begin with a letter, and everything from `--` on.
  package static func separate(_ words: [String]) -> [String] {
    guard words.contains(where: { split($0) != nil }) else { return words }
    let end = words.firstIndex(of: "--") ?? words.endIndex
    return words[..<end].flatMap { split($0) ?? [$0] } + words[end...]
  }

  private static func split(_ word: String) -> [String]? {
    let bytes = word.utf8
    guard bytes.first == UInt8(ascii: "-") else { return nil }
    let rest = bytes.dropFirst().drop { flags.contains($0) }
    guard rest.startIndex != bytes.index(after: bytes.startIndex), let option = rest.first,
      options.contains(option), rest.dropFirst().first?.isDigit == true
    else { return nil }
    return [String(word[..<rest.startIndex]), "-" + word[rest.startIndex...]]
  }
}
