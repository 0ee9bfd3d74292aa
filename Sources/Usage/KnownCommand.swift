// SPDX-License-Identifier: GPL-3.0-or-later

/// A subcommand with its options.
package struct KnownCommand: Equatable, Sendable {
  /// The subcommand's name; empty for the program itself.
  package let name: String
  /// Every spelling of every option, with its dashes.
  package let options: Set<String>
  /// The options that take a value.
  package let optionsWithValues: Set<String>

  /// Describes a subcommand.
  package init(_ name: String, options: Set<String>, withValues optionsWithValues: Set<String> = []) {
    self.name = name
    self.options = options
    self.optionsWithValues = optionsWithValues
  }

  /// Reads the options from a help text, where each starts a line: `  -w, --connect-timeout <duration>  …`.
  package init(_ name: String, help: String) {
    var options: Set<String> = []
    var withValues: Set<String> = []
    for line in help.split(whereSeparator: \.isNewline) where line.hasPrefix("  -") {
      var spellings: Set<String> = []
      for word in line.split(separator: " ") {
        guard word.hasPrefix("-") else {
          if word.hasPrefix("<") { withValues.formUnion(spellings) }
          break
        }
        spellings.insert(String(word.hasSuffix(",") ? word.dropLast() : word))
      }
      options.formUnion(spellings)
    }
    self.init(name, options: options, withValues: withValues)
  }

  /// Whether the subcommand accepts the options in the words after it, each with its value; those of a command to run
  /// are not its own.
  func takes(_ words: [String]) -> Bool {
    let typed = typed(words)
    if case .value = typed.place { return false }
    return typed.options.isSubset(of: options)
  }

  /// Whether it runs commands, whose words follow `--`.
  var runsCommand: Bool { options.contains("--sh-exec") }

  /// Classifies the words after the subcommand.
  func typed(_ words: some Collection<String>) -> TypedWords {
    TypedWords(Array(words), takesValue: optionsWithValues.contains, runsCommand: runsCommand)
  }
}
