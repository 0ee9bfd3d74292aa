// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A counter that wakes another thread or process and can be waited for: `eventfd(2)`.
package final class EventCounter: Sendable {
  private let descriptor: Descriptor

  /// - Throws: `EMFILE` and similar errors.
  package init() throws(IOFailure) {
    descriptor = Descriptor(
      adopting: try attempting(.create("an event counter")) { () throws(Errno) in
        try systemCall("eventfd(0, EFD_CLOEXEC|EFD_NONBLOCK)") { csockkit_event_counter() }
      })
  }

  /// The descriptor to wait on: readable, for every waiter, from a signal until the next reset.
  package var number: FileDescriptor { descriptor.number }

  /// Wakes all waiters.
  package func signal() {
    // Fails only if the counter is full, and then the descriptor is readable anyway.
    _ = try? systemCall("eventfd_write(\(number.rawValue), 1)") {
      csockkit_event_counter_add(number.rawValue)
    }
  }

  /// Makes the descriptor unreadable again.
  package func reset() {
    _ = try? systemCall("eventfd_read(\(number.rawValue))") { csockkit_event_counter_take(number.rawValue) }
  }
}
