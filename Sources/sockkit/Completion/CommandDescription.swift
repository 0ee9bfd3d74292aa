// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import FoundationEssentials
import Usage

/// What the parser says of a subcommand's arguments, as far as completion needs it.
struct CommandDescription: Decodable {
  /// An option, a flag, or a positional argument.
  struct Argument: Decodable {
    /// One of an option's names.
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    /// What its values are completed to.
    struct Kind: Decodable {
      struct Values: Decodable { let values: [String] }
      struct Files: Decodable {}
      struct Command: Decodable { let command: String }

      let list: Values?
      let file: Files?
      let directory: Files?
      let shellCommand: Command?
    }

    let kind: String
    let names: [Name]?
    let isRepeating: Bool
    let abstract: String?
    let completionKind: Kind?

    /// An option's names as they are typed.
    var spellings: [String] { (names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name } }
    /// Whether it is an option that takes a value.
    var takesValue: Bool { kind == "option" }
    /// Whether it is no option.
    var isPositional: Bool { kind == "positional" }
    /// The first sentence of its description.
    var summary: String { abstract.map { Sentence.first(of: $0) } ?? "" }
  }

  private struct Dump: Decodable { let command: CommandDescription }

  let arguments: [Argument]?

  /// Asks the parser.
  static func of(_ command: any ParsableCommand.Type) -> CommandDescription {
    let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8))
    return dump?.command ?? CommandDescription(arguments: [])
  }

  /// The option that is spelled so.
  func option(_ spelling: String) -> Argument? {
    arguments?.first { $0.spellings.contains(spelling) }
  }
}
