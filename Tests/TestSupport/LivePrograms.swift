// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization

/// The running programs, which are killed if the tests end before they do.
enum LivePrograms {
  private static let numbers = Mutex<Set<Int32>>([])

  private static let areEndedAtExit: Void = {
    atexit {
      LivePrograms.numbers.withLock { numbers in
        // Each program is the leader of a group.
        for number in numbers { kill(-number, SIGKILL) }
      }
    }
  }()

  /// Adds a program that leads a process group.
  static func add(_ number: Int32) {
    _ = areEndedAtExit
    numbers.withLock { _ = $0.insert(number) }
  }

  /// Removes a program that has ended.
  static func remove(_ number: Int32) { numbers.withLock { _ = $0.remove(number) } }
}
