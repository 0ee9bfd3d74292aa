// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// The command that uses the connection as its standard input and output, instead of the program itself.
struct CommandOptions: ParsableArguments {
  @Option(
    name: .customLong("sh-exec"), parsing: .unconditional,
    help: ArgumentHelp(
      "Let /bin/sh -c run this line, with the connection as its standard input and output; '-- COMMAND ARG...' at "
        + "the end runs a program without a shell.", valueName: "line"),
    completion: .command, transform: ValueArgument.nonEmpty)
  var shellLine: String?

  @Flag(help: "Keep the command from getting privileges, as sudo and ping do.")
  var noNewPrivs = false

  /// Rejects more than one command, an empty one, and what is for a command only.
  func validate() throws {
    guard let words = Self.words else {
      guard !noNewPrivs || shellLine != nil else {
        throw ValidationError("--no-new-privs requires a command")
      }
      return
    }
    if shellLine != nil { throw ValidationError("--sh-exec and a command after '--' exclude each other") }
    if Command(words) == nil { throw ValidationError("no command after '--'") }
  }

  /// Rejects flags about the standard streams, which a command replaces.
  func refuse(_ flags: [(isGiven: Bool, name: String)]) throws {
    guard let name = flags.first(where: \.isGiven)?.name else { return }
    throw ValidationError("\(name) applies to standard input and output, which a command replaces")
  }

  /// The command to run, if any.
  var command: Command? {
    shellLine.map(Command.init(shell:)) ?? Self.words.flatMap { Command($0) }
  }

  /// The subcommands that run commands.
  private static let hosts = ["connect", "listen"]

  /// Whether the current subcommand runs commands.
  static var areTaken: Bool { hosts.contains(ProgramArguments.words.first ?? "") }

  /// The words after the first `--` of the command line; `nil` if there is none, or it has no special meaning.
  private static var words: [String]? { split(ProgramArguments.words).command }

  /// Splits a command line where a command begins, whose words are not parsed.
  static func split(_ words: [String]) -> (own: [String], command: [String]?) {
    guard hosts.contains(words.first ?? ""), let end = words.firstIndex(of: "--") else { return (words, nil) }
    return (Array(words[..<end]), Array(words[(end + 1)...]))
  }
}
