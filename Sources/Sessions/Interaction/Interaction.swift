// SPDX-License-Identifier: GPL-3.0-or-later

/// How a session interacts with a person at a terminal.
package struct Interaction: Sendable {
  /// Whether each received line has a label.
  package var isChat = false
  /// Whether labels are coloured.
  package var usesColor = false
  /// Whether lines are edited, if standard input and output are a terminal.
  package var editsLines = false
  /// Whether control sequences from the peer are escaped, because they would reach a terminal.
  package var guardsTerminal = false
  /// Whether lines are kept for the next session.
  package var keepsHistory = false
  /// The name of the command whose history is used.
  package var command = ""

  /// Creates an interaction without a terminal.
  package init() {}
}
