// SPDX-License-Identifier: GPL-3.0-or-later

/// An option of a command line in the manner of `getopt_long(3)`.
package struct OptionSyntax<Name: Sendable>: Sendable {
  /// What it stands for.
  package let name: Name
  /// Its letter, as in `-l`; `nil` if it has only a long name.
  package let letter: Character?
  /// Its long name without the dashes, as in `listen`; `nil` if it has only a letter.
  package let long: String?
  /// Whether a value belongs to it.
  package let takesValue: Bool

  /// Creates an option.
  package init(_ name: Name, _ letter: Character?, _ long: String? = nil, takesValue: Bool = false) {
    self.name = name
    self.letter = letter
    self.long = long
    self.takesValue = takesValue
  }
}

/// The reason why a command line cannot be taken apart, in the words of glibc's `getopt_long`.
package enum OptionError: Error, Equatable, CustomStringConvertible {
  /// A letter is no option.
  case invalidLetter(Character)
  /// The value of a letter is missing.
  case missingValue(Character)
  /// A long name is no option.
  case unrecognized(String)
  /// A long name is the beginning of several.
  case ambiguous(String, [String])
  /// The value of a long name is missing.
  case missingLongValue(String)
  /// A long name has a value, and takes none.
  case unexpectedValue(String)

  /// The message, without the program's name.
  package var description: String {
    switch self {
    case .invalidLetter(let letter): "invalid option -- '\(letter)'"
    case .missingValue(let letter): "option requires an argument -- '\(letter)'"
    case .unrecognized(let name): "unrecognized option '--\(name)'"
    case .ambiguous(let name, let names):
      "option '--\(name)' is ambiguous; possibilities:" + names.map { " '--\($0)'" }.joined()
    case .missingLongValue(let name): "option '--\(name)' requires an argument"
    case .unexpectedValue(let name): "option '--\(name)' doesn't allow an argument"
    }
  }
}

/// Takes a command line apart as `getopt_long(3)` does: letters in clusters, values attached or in the next word, long
/// names abbreviated while they are unambiguous, and options behind operands, until `--`.
package struct OptionScanner<Name: Sendable> {
  /// An option with its value, if it takes one.
  package struct Option {
    /// What it stands for.
    package let name: Name
    /// Its value; empty if it takes none.
    package let value: String
  }

  /// The operands that have been passed so far.
  package private(set) var operands: [String] = []
  private let syntax: [OptionSyntax<Name>]
  private var words: ArraySlice<String>
  /// The letters of a cluster that are still to be read.
  private var cluster: Substring = ""

  /// Prepares to take words apart.
  package init(_ words: [String], _ syntax: [OptionSyntax<Name>]) {
    self.words = words[...]
    self.syntax = syntax
  }

  /// The next option; `nil` if there are no more, so that `operands` is complete.
  package mutating func next() throws(OptionError) -> Option? {
    if let letter = cluster.popFirst() { return try option(of: letter) }
    while let word = words.popFirst() {
      if word == "--" {
        operands += words
        words = []
      } else if word.hasPrefix("--") {
        return try option(ofLong: word.dropFirst(2))
      } else if word.hasPrefix("-"), word != "-" {
        cluster = word.dropFirst()
        if let letter = cluster.popFirst() { return try option(of: letter) }
      } else {
        operands.append(word)
      }
    }
    return nil
  }

  private mutating func option(of letter: Character) throws(OptionError) -> Option {
    guard let syntax = syntax.first(where: { $0.letter == letter }) else {
      throw .invalidLetter(letter)
    }
    guard syntax.takesValue else { return Option(name: syntax.name, value: "") }
    let attached = cluster
    cluster = ""
    guard let value = attached.isEmpty ? words.popFirst() : String(attached) else {
      throw .missingValue(letter)
    }
    return Option(name: syntax.name, value: value)
  }

  private mutating func option(ofLong word: Substring) throws(OptionError) -> Option {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let attached = parts.count > 1 ? String(parts[1]) : nil
    let syntax = try self.syntax(ofLong: name)
    let long = syntax.long ?? name
    guard syntax.takesValue else {
      guard attached == nil else { throw .unexpectedValue(long) }
      return Option(name: syntax.name, value: "")
    }
    guard let value = attached ?? words.popFirst() else { throw .missingLongValue(long) }
    return Option(name: syntax.name, value: value)
  }

  private func syntax(ofLong name: String) throws(OptionError) -> OptionSyntax<Name> {
    let candidates = syntax.filter { $0.long?.hasPrefix(name) == true }
    if let exact = candidates.first(where: { $0.long == name }) { return exact }
    guard let candidate = candidates.first, !name.isEmpty else { throw .unrecognized(name) }
    // Names with the same return value are not told apart: those of options without a letter.
    let isUnambiguous = candidates.dropFirst().allSatisfy {
      $0.takesValue == candidate.takesValue && $0.letter == nil && candidate.letter == nil
    }
    guard isUnambiguous else { throw .ambiguous(name, candidates.compactMap(\.long)) }
    return candidate
  }
}
