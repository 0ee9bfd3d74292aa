// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// The recovery from a failed wait.
enum FailedWait {
  /// The pause before a wait that failed for lack of memory is repeated.
  private static let pause = Duration.milliseconds(20)

  /// Returns when the wait can be repeated: at once after a signal, after a pause for a transient error.
  ///
  /// - Throws: A permanent error, which would occur each time.
  static func recover(from code: Errno, until deadline: Deadline) throws(IOFailure) {
    guard code != .interrupted else { return }
    guard !code.isPermanent else { throw IOFailure(.wait, code) }
    min(deadline, .after(pause)).sleep()
  }
}
