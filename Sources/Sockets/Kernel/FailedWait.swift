// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// What follows a wait that failed.
enum FailedWait {
  /// The pause before a wait is made again that failed for want of memory.
  private static let pause = Duration.milliseconds(20)

  /// Returns when the wait is to be made again: at once after a signal, after a pause if the error passes.
  ///
  /// - Throws: An error that would come back each time.
  static func recover(from code: Errno, until deadline: Deadline) throws(SystemError) {
    guard code != .interrupted else { return }
    guard !code.isPermanent else { throw SystemError(.wait, code) }
    min(deadline, .after(pause)).sleep()
  }
}
