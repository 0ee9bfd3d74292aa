// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// The names of options that several commands share, each with its own meaning and default.
extension NameSpecification {
  /// The time limit for opening a connection.
  static let connectTimeout = joined("w", "connect-timeout")
  /// The time without a byte after which a connection is given up.
  static let idleTimeout = joined("i", "idle-timeout")
  /// The maximum number of simultaneous connections.
  static let maximumConnections = joined("m", "max-connections")

  /// A letter whose value may follow without a space, and a word.
  private static func joined(_ letter: Character, _ word: String) -> NameSpecification {
    [.customShort(letter, allowingJoined: true), .customLong(word)]
  }
}
