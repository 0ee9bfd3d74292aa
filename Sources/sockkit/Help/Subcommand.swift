// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import ArgumentParserToolInfo
import Usage

/// A subcommand, with what its help needs besides the parser's description.
///
/// The discussion of its configuration ends with the line `Examples:` and indented command lines. The first two are shown
/// by `-h`.
protocol Subcommand: ParsableCommand {
  /// A spelling of each of the options used most, those used most first: `-h` shows them, and `--help` begins with them.
  static var mostUsed: [String] { get }
}

extension Subcommand {
  /// The help of the subcommand.
  static var help: CommandHelp {
    CommandHelp(
      configuration.commandName ?? "", configuration.abstract, usage: configuration.usage ?? "",
      discussion: configuration.discussion,
      (commandInfo.arguments ?? []).filter(\.isOwn).map(\.help) + [
        .init(["--version"], "Show the version."),
        .init(["-h", "--help"], "Show the options used most (-h), or everything (--help)."),
      ],
      mostUsed: mostUsed)
  }
}

extension ArgumentInfoV0 {
  /// Whether the subcommand declares it, and shows it in its help.
  fileprivate var isOwn: Bool { shouldDisplay && !spellings.contains("--help") }

  /// The argument as the help shows it.
  fileprivate var help: CommandHelp.Argument {
    CommandHelp.Argument(
      spellings, value: kind == .flag ? nil : valueName, abstract ?? "", details: discussion ?? "",
      group: sectionTitle)
  }
}
