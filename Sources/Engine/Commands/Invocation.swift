// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A command as it is to be run: the program and its arguments.
package struct Invocation: Equatable, Sendable {
  /// The program's name, and its arguments.
  package let words: [String]

  /// A program that is found on the search path, run without a shell.
  ///
  /// - Parameter words: Its name, and its arguments; `nil` comes of no words, or of an empty name.
  package init?(_ words: [String]) {
    guard let name = words.first, !name.isEmpty else { return nil }
    self.words = words
  }

  /// A line for the shell.
  package init(shell line: String) { words = ["/bin/sh", "-c", line] }

  /// Makes sure that the program is there and may be executed, as far as that is known before it is started.
  ///
  /// - Throws: `.run`, with the reason why it cannot be started.
  package func check() throws(SystemError) { try ProgramSearch.check(words[0]) }
}
