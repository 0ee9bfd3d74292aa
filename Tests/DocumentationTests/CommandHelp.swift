// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport

/// The binary's description of its own subcommands, as data.
struct CommandHelp: Decodable, Sendable {
  /// One option, flag, or positional argument.
  struct Argument: Decodable, Sendable {
    struct Name: Decodable, Sendable {
      let kind: String
      let name: String
    }

    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let defaultValue: String?
    let sectionTitle: String?

    /// The flags as they are typed, `-v` and `--verbose`.
    var flags: Set<String> {
      Set((names ?? []).map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" })
    }

    /// The value used if the argument is not given: each default that the help names.
    var defaults: [String] {
      let told = (abstract ?? "").matches(of: /\(default: (?<value>[^;)]+)/).map { String($0.value) }
      return told.isEmpty ? defaultValue.map { [$0] } ?? [] : told
    }
  }

  let commandName: String
  let abstract: String?
  let arguments: [Argument]?
  let subcommands: [CommandHelp]?

  /// The options and flags.
  var options: [Argument] { (arguments ?? []).filter { $0.kind != "positional" } }

  private struct Dump: Decodable {
    let command: CommandHelp
  }

  /// Runs the binary to read the help.
  static func all() async throws -> CommandHelp {
    let dumped = try await sockkit("--experimental-dump-help")
    return try JSONDecoder().decode(Dump.self, from: Data(dumped.output)).command
  }

  /// Runs the binary to read the help of one subcommand.
  static func of(_ subcommand: String) async throws -> CommandHelp? {
    try await all().subcommands?.first { $0.commandName == subcommand }
  }
}
