// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A bell between threads, as something to wait for: `eventfd(2)`.
package final class EventCounter: Sendable {
  private let descriptor: Descriptor

  /// - Throws: `EMFILE` and its like.
  package init() throws(SystemError) {
    descriptor = Descriptor(
      adopting: try attempting(.create("an event counter")) { () throws(Errno) in
        try systemCall("eventfd(0, EFD_CLOEXEC|EFD_NONBLOCK)") { csockkit_event_counter() }
      })
  }

  /// The descriptor to wait on: readable once the bell was rung, for all who wait, until it is stilled.
  package var number: FileDescriptor { descriptor.number }

  /// Rings the bell.
  package func ring() {
    // Fails only after 2^64 rings, and then it rings anyway.
    _ = try? systemCall("eventfd_write(\(number.rawValue), 1)") {
      csockkit_event_counter_add(number.rawValue)
    }
  }

  /// Stills the bell.
  package func still() {
    _ = try? systemCall("eventfd_read(\(number.rawValue))") { csockkit_event_counter_take(number.rawValue) }
  }
}
