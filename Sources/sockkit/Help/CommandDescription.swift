// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import FoundationEssentials
import Usage

/// The parser's description of a subcommand's arguments, as far as help and completion need it.
struct CommandDescription: Decodable {
  /// An option, a flag, or a positional argument.
  struct Argument: Decodable {
    /// One of an option's names.
    struct Name: Decodable {
      /// Whether it is a short or a long name.
      let kind: String
      /// The name without its dashes.
      let name: String
    }

    /// How the values are completed.
    struct Kind: Decodable {
      /// A list of values.
      struct Values: Decodable { let values: [String] }
      /// The names of files or directories.
      struct Files: Decodable {}
      /// A command that prints the values; here the name of a `Candidates` case.
      struct Command: Decodable { let command: String }

      /// The values to choose from.
      let list: Values?
      /// Present if the value is a file.
      let file: Files?
      /// Present if the value is a directory.
      let directory: Files?
      /// Present if the value is one of the `Candidates`.
      let shellCommand: Command?
    }

    /// `positional`, `option` or `flag`.
    let kind: String
    /// The names of an option or a flag.
    let names: [Name]?
    /// Whether it may be given more than once.
    let isRepeating: Bool
    /// Whether help shows it.
    let shouldDisplay: Bool
    /// The name of its value.
    let valueName: String?
    /// The heading of its group of options; `nil` for none.
    let sectionTitle: String?
    /// A short sentence about it.
    let abstract: String?
    /// What else there is to know.
    let discussion: String?
    /// How its values are completed; `nil` if they are not.
    let completionKind: Kind?

    /// An option's names as they are typed, those of one letter first.
    var spellings: [String] {
      let names = names ?? []
      return names.filter { $0.kind == "short" }.map { "-" + $0.name }
        + names.filter { $0.kind != "short" }.map { "--" + $0.name }
    }
    /// Whether it is an option that takes a value.
    var takesValue: Bool { kind == "option" }
    /// Whether it is a positional argument.
    var isPositional: Bool { kind == "positional" }
    /// The first sentence of its description.
    var summary: String { abstract.map { Sentence.first(of: $0) } ?? "" }
  }

  private struct Dump: Decodable { let command: CommandDescription }

  /// The arguments of the subcommand.
  let arguments: [Argument]?

  /// The description of a subcommand, from the parser.
  static func of(_ command: any ParsableCommand.Type) -> CommandDescription {
    let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8))
    return dump?.command ?? CommandDescription(arguments: [])
  }

  /// The option with a spelling.
  func option(_ spelling: String) -> Argument? {
    arguments?.first { $0.spellings.contains(spelling) }
  }
}
