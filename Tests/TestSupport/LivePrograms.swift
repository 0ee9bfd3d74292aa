// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization

/// The programs that run, none of which is left behind when the tests end before they do.
enum LivePrograms {
  private static let numbers = Mutex<Set<Int32>>([])

  private static let areEndedAtExit: Void = {
    atexit {
      LivePrograms.numbers.withLock { numbers in
        // Each is the leader of a group.
        for number in numbers { kill(-number, SIGKILL) }
      }
    }
  }()

  /// Takes note of a program that leads a process group.
  static func add(_ number: Int32) {
    _ = areEndedAtExit
    numbers.withLock { _ = $0.insert(number) }
  }

  /// Takes note of a program's end.
  static func remove(_ number: Int32) { numbers.withLock { _ = $0.remove(number) } }
}
