// SPDX-License-Identifier: GPL-3.0-or-later

/// How a person is to be talked with.
struct Interaction {
  /// Whether what arrives is labelled.
  var isChat = false
  /// Whether lines are edited where there is a terminal.
  var editsLines = true
  /// Whether the peer's control sequences would reach a terminal, and are made visible.
  var guardsTerminal = false
  /// Whether lines are kept for the next session.
  var keepsHistory = true
  /// The command whose history it is.
  var command: String
}
