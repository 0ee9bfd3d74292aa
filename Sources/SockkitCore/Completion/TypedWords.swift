// SPDX-License-Identifier: GPL-3.0-or-later

/// What stands on a command line before the word that is being typed.
package struct TypedWords: Equatable, Sendable {
  /// The words that are neither options nor their values, after the subcommand.
  package let positionals: [String]

  /// Takes the options and their values away.
  ///
  /// - Parameters:
  ///   - words: The whole command line, from the program's name on.
  ///   - index: Which of them is being typed.
  ///   - command: The subcommand, which knows the options that take a value.
  package init(_ words: [String], before index: Int, of command: KnownCommand) {
    var positionals: [String] = []
    var isValue = false
    for word in words.prefix(max(index, 0)).dropFirst(2) {
      if isValue {
        isValue = false
      } else if word.hasPrefix("-"), word.count > 1 {
        isValue = command.optionsWithValues.contains(word)
      } else {
        positionals.append(word)
      }
    }
    self.positionals = positionals
  }

  /// What a client's address goes on with: a host, or after one its port.
  package enum Expected: Equatable, Sendable {
    /// A host.
    case host
    /// A port or the name of a service.
    case port
    /// Something else.
    case other
  }

  /// What comes next of an address.
  package var expected: Expected {
    guard let host = positionals.first else { return .host }
    let isWhole = host.hasPrefix("unix:") || host.hasPrefix("[") || host.count { $0 == ":" } == 1
    return positionals.count == 1 && !isWhole ? .port : .other
  }
}
