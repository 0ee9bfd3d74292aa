// SPDX-License-Identifier: GPL-3.0-or-later

import CBuild

/// The version of this program.
enum Version {
  /// The released version, according to semantic versioning.
  private static let number = "0.1.0"

  /// The name, the version, and in parentheses the commit it was built from, if `make` passed it.
  static var text: String {
    let commit = unsafe String(cString: sockkit_commit)
    return commit.isEmpty ? "sockkit \(number)" : "sockkit \(number) (\(commit))"
  }
}
