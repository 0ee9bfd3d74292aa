// SPDX-License-Identifier: GPL-3.0-or-later

/// Expressions of `calc` that the shell has cut into words, and in which it has put names of files for `*`.
package enum ShellWords {
  private static let operators: Set = ["+", "-", "*", "/", "(", ")"]

  /// What to say about expressions of which some have no result; `nil` if the shell has nothing to do with it.
  ///
  /// - Parameter isFile: Whether a word is the name of a file.
  package static func problem(of expressions: [String], isFile: (String) -> Bool) -> String? {
    guard expressions.count > 1, expressions.contains(where: { operators.contains($0) || isFile($0) }) else {
      return nil
    }
    return "each word is an expression of its own: one with spaces or '*' goes into quotes, as '2 * 3'"
  }
}
