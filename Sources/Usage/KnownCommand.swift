// SPDX-License-Identifier: GPL-3.0-or-later

/// A subcommand and the options that it takes.
package struct KnownCommand: Equatable, Sendable {
  /// The subcommand's name; empty for the program itself.
  package let name: String
  /// Every spelling of every option, dashes and all.
  package let options: Set<String>
  /// Those of them that take a value.
  package let optionsWithValues: Set<String>

  /// Describes a subcommand.
  package init(_ name: String, options: Set<String>, withValues optionsWithValues: Set<String> = []) {
    self.name = name
    self.options = options
    self.optionsWithValues = optionsWithValues
  }

  /// Reads the options out of a help text, where each begins a line: `  -w, --connect-timeout <duration>  …`.
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

  /// Whether words behind the subcommand have options that it takes, each with its value; those of a command that is
  /// to be run are not its own.
  func takes(_ words: [String]) -> Bool {
    let typed = typed(words)
    if case .value = typed.place { return false }
    return typed.options.isSubset(of: options)
  }

  /// Whether it runs commands, whose words come behind `--`.
  var runsCommand: Bool { options.contains("--sh-exec") }

  /// Sorts words behind the subcommand.
  func typed(_ words: some Collection<String>) -> TypedWords {
    TypedWords(Array(words), takesValue: optionsWithValues.contains, runsCommand: runsCommand)
  }
}
