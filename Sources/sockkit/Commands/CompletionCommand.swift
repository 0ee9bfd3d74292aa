// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// `sockkit completion`: prints the completion script of a shell.
struct CompletionCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print a completion script for bash, zsh or fish.",
    usage: "sockkit completion bash | zsh | fish",
    discussion: """
      The script gets its suggestions from the program. Packages install the scripts where the shells find them.

      Examples:
        source <(sockkit completion bash)
        sockkit completion zsh > ~/.zfunc/_sockkit
        sockkit completion fish > ~/.config/fish/completions/sockkit.fish
      """)

  static let mostUsed: [String] = []

  @Argument(help: ArgumentHelp("The shell: bash, zsh or fish.", valueName: "shell"))
  var shell: CompletionScript?

  /// Prints the script on standard output.
  func run() throws {
    // Not checked by the parser, whose message would take precedence over the one about an unknown option.
    guard let shell else { throw ValidationError("no shell given: expected bash, zsh or fish") }
    StandardOutput.print(shell.text)
  }
}
