// SPDX-License-Identifier: GPL-3.0-or-later

/// Expressions of `calc` that the shell has split into words, and in which it has replaced `*` by file names.
package enum ShellWords {
  private static let operators: Set = ["+", "-", "*", "/", "(", ")"]

  /// The advice for expressions of which some have no result; `nil` if the shell is not the reason.
  ///
  /// - Parameter isFile: Whether a word is the name of a file.
  package static func problem(of expressions: [String], isFile: (String) -> Bool) -> String? {
    guard expressions.count > 1, expressions.contains(where: { operators.contains($0) || isFile($0) }) else {
      return nil
    }
    return "each word is a separate expression: quote one with spaces or '*', as in '2 * 3'"
  }
}
