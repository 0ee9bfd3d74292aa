// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// Wakes another thread or process, as something to wait for: `eventfd(2)`.
package final class EventCounter: Sendable {
  private let descriptor: Descriptor

  /// - Throws: `EMFILE` and its like.
  package init() throws(SystemError) {
    descriptor = Descriptor(
      adopting: try attempting(.create("an event counter")) { () throws(Errno) in
        try systemCall("eventfd(0, EFD_CLOEXEC|EFD_NONBLOCK)") { csockkit_event_counter() }
      })
  }

  /// The descriptor to wait on: readable once it was signalled, for all that wait, until it is reset.
  package var number: FileDescriptor { descriptor.number }

  /// Wakes all that wait.
  package func signal() {
    // Fails only after 2^64 times, and then it is readable anyway.
    _ = try? systemCall("eventfd_write(\(number.rawValue), 1)") {
      csockkit_event_counter_add(number.rawValue)
    }
  }

  /// Makes it unreadable again.
  package func reset() {
    _ = try? systemCall("eventfd_read(\(number.rawValue))") { csockkit_event_counter_take(number.rawValue) }
  }
}
