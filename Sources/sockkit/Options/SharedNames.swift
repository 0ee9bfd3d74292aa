// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// The names of options that several commands have, each with a meaning and a default of its own.
extension NameSpecification {
  /// Of the limit of how long a connection may take to come about.
  static let connectTimeout = joined("w", "connect-timeout")
  /// Of the time without a byte after which a connection is given up.
  static let idleTimeout = joined("i", "idle-timeout")
  /// Of the limit of how many connections there are at a time.
  static let maximumConnections = joined("m", "max-connections")

  /// A letter that its value may follow without a space, and a word.
  private static func joined(_ letter: Character, _ word: String) -> NameSpecification {
    [.customShort(letter, allowingJoined: true), .customLong(word)]
  }
}
