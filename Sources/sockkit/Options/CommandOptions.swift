// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// The command that has the connection for its standard input and output, in place of the program itself.
struct CommandOptions: ParsableArguments {
  @Option(
    name: .customLong("sh-exec"), parsing: .unconditional,
    help: ArgumentHelp(
      "Let /bin/sh -c run this line, with the connection as its standard input and output; '-- COMMAND ARG...' at "
        + "the end runs a program without a shell.", valueName: "line"),
    transform: ValueArgument.nonEmpty)
  var shellLine: String?

  /// Refuses more than one command, and one that is none.
  func validate() throws {
    guard let words = Self.words else { return }
    if shellLine != nil { throw ValidationError("--sh-exec and a command after '--' exclude each other") }
    if Command(words) == nil { throw ValidationError("no command after '--'") }
  }

  /// Refuses flags that are about what a command takes the place of.
  func refuse(_ flags: [(isGiven: Bool, name: String)]) throws {
    guard let name = flags.first(where: \.isGiven)?.name else { return }
    throw ValidationError("\(name) is about standard input and output, in whose place there is a command")
  }

  /// What to run, if anything is.
  var command: Command? {
    shellLine.map(Command.init(shell:)) ?? Self.words.flatMap { Command($0) }
  }

  /// The subcommands that run commands.
  private static let hosts = ["connect", "listen"]

  /// Whether the subcommand at hand runs commands.
  static var areTaken: Bool { hosts.contains(ProgramArguments.words.first ?? "") }

  /// The words after the first `--` of the command line; `nil` if there is none, or it means nothing special.
  private static var words: [String]? { split(ProgramArguments.words).command }

  /// Cuts a command line in two where a command begins, whose words are not ours to parse.
  static func split(_ words: [String]) -> (own: [String], command: [String]?) {
    guard hosts.contains(words.first ?? ""), let end = words.firstIndex(of: "--") else { return (words, nil) }
    return (Array(words[..<end]), Array(words[(end + 1)...]))
  }
}
