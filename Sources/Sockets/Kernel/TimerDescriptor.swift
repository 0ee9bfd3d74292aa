// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A descriptor that becomes readable at a time, for a task that another one's loop waits for: `timerfd_create(2)`.
package final class TimerDescriptor {
  private let owned: Descriptor
  /// The time at which it becomes readable; `never` at first.
  package private(set) var deadline = Deadline.never

  /// - Throws: `EMFILE` and similar errors.
  package init() throws(IOFailure) {
    owned = Descriptor(
      adopting: try attempting(.create("a timer")) { () throws(Errno) in
        try systemCall("timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC|TFD_NONBLOCK)") { csockkit_timer() }
      })
  }

  /// The descriptor to wait on for reading.
  package var descriptor: FileDescriptor { owned.number }

  /// Sets the time, which makes the descriptor unreadable until then: `timerfd_settime(2)`.
  package func set(_ deadline: Deadline) {
    guard deadline != self.deadline else { return }
    self.deadline = deadline
    let time = deadline == .never ? 0 : deadline.instant
    _ = try? systemCall("timerfd_settime(\(descriptor.rawValue), TFD_TIMER_ABSTIME)") {
      csockkit_set_timer(descriptor.rawValue, time)
    }
  }
}
