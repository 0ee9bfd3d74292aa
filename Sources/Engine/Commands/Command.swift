// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A command to run: the program and its arguments.
package struct Command: Equatable, Sendable {
  /// The program's name, and its arguments.
  package private(set) var words: [String]

  /// Creates a command that is a program found on the search path, without a shell.
  ///
  /// - Parameter words: Its name, and its arguments; `nil` is returned if there are no words, or the name is empty.
  package init?(_ words: [String]) {
    guard let name = words.first, !name.isEmpty else { return nil }
    self.words = words
  }

  /// Creates a command that is a program, without a shell.
  ///
  /// - Parameters:
  ///   - words: As above.
  ///   - isSearched: Whether a name without a slash is looked for on the search path, rather than in the current
  ///     directory.
  package init?(_ words: [String], isSearched: Bool) {
    self.init(words)
    guard !isSearched, let name = words.first, !name.contains("/") else { return }
    self.words[0] = "./" + name
  }

  /// Creates a command that is a line for the shell.
  package init(shell line: String) { words = ["/bin/sh", "-c", line] }

  /// Checks that the program exists and may be executed, as far as this can be determined before it is started.
  ///
  /// - Throws: `.run`, with the reason why it cannot be started.
  package func check() throws(IOFailure) { try ProgramSearch.check(words[0]) }
}
