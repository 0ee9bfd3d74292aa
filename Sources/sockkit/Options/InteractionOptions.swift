// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import LineEditing
import Sessions
import Sockets
import SystemPackage

/// How a person at a terminal interacts with the peer.
struct InteractionOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Label what arrives with [peer].", discussion: "Control characters are escaped, and > is the prompt."))
  var chat = false

  @Flag(help: "On a terminal, do not edit lines, and let the peer's control sequences through.")
  var raw = false

  @Flag(
    name: .customLong("no-history"),
    help: ArgumentHelp(
      "Do not keep the lines typed at a terminal.",
      discussion: "They are kept in $XDG_STATE_HOME/sockkit for the next session."))
  var isForgetful = false

  /// The flags that enable something, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] { [(chat, "--chat")] }

  /// Whether the terminal is left unchanged: on request, or because it is already in raw mode.
  private var leavesTerminal: Bool { raw || EditableTerminal.isRaw }

  /// Whether control sequences from the peer are made visible, because they would reach a terminal.
  var guardsTerminal: Bool { !leavesTerminal && DescriptorKind(of: .standardOutput) == .terminal }

  /// How a subcommand interacts with a person at a terminal.
  func interaction(of command: String, _ color: ColorChoice) -> Interaction {
    var interaction = Interaction()
    interaction.isChat = chat
    interaction.usesColor = color.applies(to: .standardOutput)
    interaction.editsLines = !leavesTerminal
    interaction.guardsTerminal = guardsTerminal
    interaction.keepsHistory = !isForgetful
    interaction.command = command
    return interaction
  }
}
