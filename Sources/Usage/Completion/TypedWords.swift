// SPDX-License-Identifier: GPL-3.0-or-later

/// The words on a command line before the word being typed, classified as options, their values, and the rest.
package struct TypedWords: Equatable, Sendable {
  /// The role of the word being typed.
  package enum Place: Equatable, Sendable {
    /// The value of an option with this spelling.
    case value(of: String)
    /// A positional argument, counted from 0, or an option.
    case argument(Int)
    /// A word of a command to run, counted from 0.
    case command(Int)
  }

  /// The words that are neither options nor their values.
  package private(set) var positionals: [String] = []
  /// The options that were given, as they are spelled.
  package private(set) var options: Set<String> = []
  /// The role of the next word.
  package private(set) var place = Place.argument(0)

  /// Classifies the words after a subcommand.
  ///
  /// - Parameters:
  ///   - takesValue: Whether an option, as it is spelled, takes a value.
  ///   - runsCommand: Whether `--` begins a command, rather than words that are not options.
  package init(_ words: [String], takesValue: (String) -> Bool, runsCommand: Bool) {
    var isLiteral = false
    for (index, word) in words.enumerated() {
      if case .value = place {
        place = .argument(positionals.count)
      } else if !isLiteral, word == "--" {
        guard !runsCommand else {
          place = .command(words.count - index - 1)
          return
        }
        isLiteral = true
      } else if !isLiteral, word.hasPrefix("-"), word.count > 1 {
        take(option: word, takesValue)
      } else {
        positionals.append(word)
        place = .argument(positionals.count)
      }
    }
  }

  /// The place in a word of short options where the value of one of them begins: after `-vo` in `-vofile`.
  ///
  /// - Returns: `nil` if no value has been begun.
  package static func joinedValue(in word: String, takesValue: (String) -> Bool) -> String.Index? {
    guard word.hasPrefix("-"), !word.hasPrefix("--"),
      let option = word.indices.dropFirst().first(where: { takesValue("-\(word[$0])") })
    else { return nil }
    let value = word.index(after: option)
    return value < word.endIndex ? value : nil
  }

  private mutating func take(option word: String, _ takesValue: (String) -> Bool) {
    guard !word.hasPrefix("--") else {
      let name = String(word.prefix { $0 != "=" })
      options.insert(name)
      if name == word, takesValue(name) { place = .value(of: name) }
      return
    }
    // Flags may be joined with one option, and that with its value.
    for (index, letter) in word.dropFirst().enumerated() {
      let name = "-\(letter)"
      options.insert(name)
      guard takesValue(name) else { continue }
      if index == word.count - 2 { place = .value(of: name) }
      return
    }
  }
}
