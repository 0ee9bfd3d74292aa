// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A moment on the monotonic clock, by which something has to be done. `never` lies after all others.
package struct Deadline: Comparable, Hashable, Sendable {
  /// Nanoseconds on `CLOCK_MONOTONIC`.
  private let instant: Int64

  private init(instant: Int64) { self.instant = instant }

  /// The moment that does not come.
  package static let never = Deadline(instant: .max)

  /// The present moment.
  package static var now: Deadline {
    var time = timespec()
    // Cannot fail: the clock exists and the pointer is good.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Deadline(instant: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The moment `duration` from now; `never` if that is beyond what the clock can say.
  package static func after(_ duration: Duration) -> Deadline { now + duration }

  /// The moment `duration` after another.
  package static func + (start: Deadline, duration: Duration) -> Deadline {
    let nanoseconds = duration.nanosecondsClamped
    let (sum, overflow) = start.instant.addingReportingOverflow(nanoseconds)
    return overflow ? .never : Deadline(instant: sum)
  }

  /// Orders moments by time.
  package static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }

  /// Whether the moment has come.
  package var hasPassed: Bool { self != .never && self <= .now }

  /// The nanoseconds from here until a later moment; negative if that one is earlier.
  package func nanoseconds(until later: Deadline) -> Int64 { later.instant - instant }

  /// The time from here until a later moment.
  package func duration(until later: Deadline) -> Duration { .nanoseconds(nanoseconds(until: later)) }

  /// What is left, as `poll` takes it: milliseconds rounded up so that a wait never ends early, 0 once the
  /// moment has come, -1 for `never`.
  package var pollTimeout: CInt {
    guard self != .never else { return -1 }
    let left = Deadline.now.nanoseconds(until: self)
    guard left > 0 else { return 0 }
    return CInt(clamping: (left - 1) / 1_000_000 + 1)
  }
}

extension Duration {
  /// The duration in whole nanoseconds, at most what 64 bits hold.
  package var nanosecondsClamped: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    return scaled.addingReportingOverflow(attoseconds / 1_000_000_000).overflow
      ? .max : scaled + attoseconds / 1_000_000_000
  }

  /// The duration in seconds, as a floating-point number.
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
