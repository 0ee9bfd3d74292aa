// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SystemPackage
import Usage

/// A request for help: what it is about, and how much is wanted.
struct HelpRequest {
  private let words: [String]

  /// Creates the request of a command line that the parser has found to be one, without the program's name.
  init(_ words: [String]) { self.words = words }

  /// The lines to show: for `-h` and `help` alone a screenful, for `--help` and `help SUBCOMMAND` everything.
  var lines: [String] {
    let isTopic = words.first == "help"
    let name = isTopic ? words.dropFirst().first : words.first
    let isComplete = words.contains("--help")
    guard let command = Sockkit.subcommands.first(where: { $0._commandName == name }) else {
      return isComplete ? Sockkit.help.complete(width: Self.width) : Sockkit.help.list(width: Self.width)
    }
    return isComplete || isTopic
      ? command.help.complete(width: Self.width) : command.help.summary(width: Self.width)
  }

  /// The number of columns of the screen; no more than are comfortable to read.
  private static var width: Int { min(TerminalSize.columns(of: .standardOutput) ?? 80, 80) }
}
