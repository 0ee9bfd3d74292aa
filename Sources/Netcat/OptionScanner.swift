// SPDX-License-Identifier: GPL-3.0-or-later

/// An option of a command line in the manner of `getopt_long(3)`.
package struct OptionSyntax<Name: Sendable>: Sendable {
  /// What it stands for.
  package let name: Name
  /// Its letter, as in `-l`; `nil` if it has only a long name.
  package let letter: Unicode.Scalar?
  /// Its long name without the dashes, as in `listen`; `nil` if it has only a letter.
  package let long: String?
  /// Whether a value belongs to it.
  package let takesValue: Bool
  /// Whether the original has it set a variable, by which the C library tells it from other options without a letter.
  package let setsVariable: Bool

  /// Creates an option.
  package init(
    _ name: Name, _ letter: Unicode.Scalar?, _ long: String? = nil, takesValue: Bool = false,
    setsVariable: Bool = false
  ) {
    self.name = name
    self.letter = letter
    self.long = long
    self.takesValue = takesValue
    self.setsVariable = setsVariable
  }
}

/// The reason why a command line cannot be taken apart, in the words of glibc's `getopt_long`.
package enum OptionError: Error, Equatable, CustomStringConvertible {
  /// A letter is no option.
  case invalidLetter(Unicode.Scalar)
  /// The value of a letter is missing.
  case missingValue(Unicode.Scalar)
  /// A long name, with its value if one is attached, is no option.
  case unrecognized(String)
  /// A long name, with its value if one is attached, is the beginning of several.
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
  /// The letters of a cluster that are still to be read. They are scalars, because a mark that follows a letter would be
  /// part of its `Character`.
  private var cluster = Substring().unicodeScalars

  /// Prepares to take words apart.
  package init(_ words: [String], _ syntax: [OptionSyntax<Name>]) {
    self.words = words[...]
    self.syntax = syntax
  }

  /// The next option; `nil` if there are no more, so that `operands` is complete.
  package mutating func next() throws(OptionError) -> Option? {
    if let letter = cluster.popFirst() { return try option(of: letter) }
    while let word = words.popFirst() {
      if word.utf8.elementsEqual("--".utf8) {
        operands += words
        words = []
      } else if word.utf8.starts(with: "--".utf8) {
        return try option(ofLong: word.unicodeScalars.dropFirst(2))
      } else if word.utf8.first == UInt8(ascii: "-"), word.utf8.count > 1 {
        cluster = word.unicodeScalars.dropFirst()
        return try option(of: cluster.removeFirst())
      } else {
        operands.append(word)
      }
    }
    return nil
  }

  private mutating func option(of letter: Unicode.Scalar) throws(OptionError) -> Option {
    guard let syntax = syntax.first(where: { $0.letter == letter }) else {
      throw .invalidLetter(letter)
    }
    guard syntax.takesValue else { return Option(name: syntax.name, value: "") }
    let attached = cluster
    cluster = Substring().unicodeScalars
    guard let value = attached.isEmpty ? words.popFirst() : String(attached) else {
      throw .missingValue(letter)
    }
    return Option(name: syntax.name, value: value)
  }

  private mutating func option(ofLong word: Substring.UnicodeScalarView) throws(OptionError) -> Option {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let attached = parts.count > 1 ? String(parts[1]) : nil
    let syntax = try self.syntax(ofLong: Substring(parts[0]), in: String(word))
    let long = syntax.long ?? ""
    guard syntax.takesValue else {
      guard attached == nil else { throw .unexpectedValue(long) }
      return Option(name: syntax.name, value: "")
    }
    guard let value = attached ?? words.popFirst() else { throw .missingLongValue(long) }
    return Option(name: syntax.name, value: value)
  }

  private func syntax(ofLong name: Substring, in word: String) throws(OptionError) -> OptionSyntax<Name> {
    let candidates = syntax.filter { $0.long?.utf8.starts(with: name.utf8) == true }
    if let exact = candidates.first(where: { $0.long?.utf8.count == name.utf8.count }) { return exact }
    guard let candidate = candidates.first else { throw .unrecognized(word) }
    // Names with the same return value are not told apart: those of options without a letter.
    let others = candidates.dropFirst().filter {
      $0.takesValue != candidate.takesValue || $0.letter != nil || candidate.letter != nil || $0.setsVariable
        || candidate.setsVariable
    }
    guard others.isEmpty else { throw .ambiguous(word, ([candidate] + others).compactMap(\.long)) }
    return candidate
  }
}
