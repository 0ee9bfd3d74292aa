// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParserToolInfo
import Usage

/// The parser's description of a subcommand, as far as help and completion need it.
extension CommandInfoV0 {
  /// The option with a spelling.
  func option(_ spelling: String) -> ArgumentInfoV0? {
    arguments?.first { $0.spellings.contains(spelling) }
  }
}

extension ArgumentInfoV0 {
  /// An option's names as they are typed, those of one letter first.
  var spellings: [String] {
    let names = names ?? []
    return names.filter { $0.kind == .short }.map { "-" + $0.name }
      + names.filter { $0.kind != .short }.map { "--" + $0.name }
  }
  /// Whether it is an option that takes a value.
  var takesValue: Bool { kind == .option }
  /// Whether it is a positional argument.
  var isPositional: Bool { kind == .positional }
  /// The first sentence of its description.
  var summary: String { abstract.map { Sentence.first(of: $0) } ?? "" }
}
