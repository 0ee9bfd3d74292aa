// SPDX-License-Identifier: GPL-3.0-or-later

/// Expressions of `calc` that begin with a minus sign, such as `-3+4`, which resemble options.
package enum NegativeExpression {
  /// The letters that a number may contain; with any other, `-4v` is two flags.
  private static let exponents: Set<Character> = ["e", "E"]
  /// Long options of `calc` without a value; after any other option the next word may be its value.
  private static let flags: Set = [
    "--verbose", "--trace", "--no-history", "--numeric", "--ipv4", "--ipv6",
  ]

  /// Inserts a space before such expressions, which does not change them and keeps the parser from splitting them.
  ///
  /// Everything from `--` on is unchanged, as is the command line of another subcommand.
  package static func protect(_ words: [String]) -> [String] {
    guard words.first == "calc" else { return words }
    let end = words.firstIndex(of: "--") ?? words.endIndex
    return words.indices.map { index in
      let word = words[index]
      guard index < end, isExpression(word), index > 0, !mayTakeValue(words[index - 1]) else { return word }
      return " " + word
    }
  }

  /// Whether a word is an expression: a minus sign followed by a digit, `(`, `.` or `"`. `-4` and `-6` are options, as
  /// are words of flags that begin with them.
  static func isExpression(_ word: String) -> Bool {
    guard word.hasPrefix("-"), let first = word.dropFirst().first else { return false }
    if "(.\"".contains(first) { return true }
    guard first.isASCII, first.isNumber, word != "-4", word != "-6" else { return false }
    guard first == "4" || first == "6", let next = word.dropFirst(2).first else { return true }
    return !next.isLetter || exponents.contains(next)
  }

  private static func mayTakeValue(_ word: String) -> Bool {
    if word.hasPrefix("--") { return !flags.contains(word) && !word.contains("=") }
    return word.hasPrefix("-") && word.count > 1 && !isExpression(word) && "wispU".contains(word.last ?? " ")
  }
}
