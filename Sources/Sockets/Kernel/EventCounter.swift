// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A counter that wakes another thread or process and can be waited for: `eventfd(2)`.
package final class EventCounter: Sendable {
  private let owned: Descriptor

  /// - Throws: `EMFILE` and similar errors.
  package init() throws(IOFailure) {
    owned = Descriptor(
      adopting: try attempting(.create("an event counter")) { () throws(Errno) in
        try systemCall("eventfd(0, EFD_CLOEXEC|EFD_NONBLOCK)") { csockkit_event_counter() }
      })
  }

  /// The descriptor to wait on: readable, for every waiter, from a signal until the next reset.
  package var descriptor: FileDescriptor { owned.number }

  /// Wakes all waiters.
  package func signal() {
    // Fails only if the counter is full, and then the descriptor is readable anyway.
    _ = try? systemCall("eventfd_write(\(descriptor.rawValue), 1)") {
      csockkit_event_counter_add(descriptor.rawValue)
    }
  }

  /// Makes the descriptor unreadable again.
  package func reset() {
    _ = try? systemCall("eventfd_read(\(descriptor.rawValue))") {
      csockkit_event_counter_take(descriptor.rawValue)
    }
  }
}
