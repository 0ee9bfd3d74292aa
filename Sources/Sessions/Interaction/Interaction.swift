// SPDX-License-Identifier: GPL-3.0-or-later

/// How a person at a terminal is served.
package struct Interaction: Sendable {
  /// Whether each line that arrives has a label.
  package var isChat = false
  /// Whether lines are edited, if standard input and output are a terminal.
  package var editsLines = false
  /// Whether control sequences of the peer would reach a terminal, and are escaped.
  package var guardsTerminal = false
  /// Whether lines are kept for the next session.
  package var keepsHistory = false
  /// The name of the command whose history it is.
  package var command = ""

  /// Creates an interaction without a terminal.
  package init() {}
}
