// SPDX-License-Identifier: GPL-3.0-or-later

import CBuild

/// Which sockkit this is.
enum Version {
  /// The released version, after semantic versioning.
  private static let number = "0.1.0"

  /// The name, the version, and in parentheses the commit it was built from, where `make` has told it.
  static var text: String {
    let commit = unsafe String(cString: sockkit_commit)
    return commit.isEmpty ? "sockkit \(number)" : "sockkit \(number) (\(commit))"
  }
}
