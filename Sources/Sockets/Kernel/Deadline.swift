// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A point in time on the monotonic clock. `never` is later than all others.
package struct Deadline: Comparable, Hashable, Sendable {
  /// Nanoseconds on `CLOCK_MONOTONIC`.
  let instant: Int64

  private init(instant: Int64) { self.instant = instant }

  /// The deadline that never passes.
  package static let never = Deadline(instant: .max)

  /// The present moment.
  package static var now: Deadline {
    var time = timespec()
    // Cannot fail: the clock exists and the pointer is good.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Deadline(instant: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The moment `duration` from now; `never` if that exceeds the range of the clock.
  package static func after(_ duration: Duration) -> Deadline { now + duration }

  /// The moment `duration` after another.
  package static func + (start: Deadline, duration: Duration) -> Deadline {
    let nanoseconds = duration.nanosecondsClamped
    let (sum, overflow) = start.instant.addingReportingOverflow(nanoseconds)
    return overflow ? .never : Deadline(instant: sum)
  }

  /// The moment `duration` before another.
  package static func - (end: Deadline, duration: Duration) -> Deadline { end + (Duration.zero - duration) }

  /// Orders moments by time.
  package static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }

  /// Whether the moment has passed.
  package var hasPassed: Bool { self != .never && self <= .now }

  /// The nanoseconds from here until a later moment; negative if that one is earlier.
  package func nanoseconds(until later: Deadline) -> Int64 { later.instant - instant }

  /// The moment in microseconds on `CLOCK_MONOTONIC`.
  package var microseconds: Int64 { instant / 1000 }

  /// The time from here until a later moment.
  package func duration(until later: Deadline) -> Duration { .nanoseconds(nanoseconds(until: later)) }

  /// Sleeps until the moment. The corresponding C function is `clock_nanosleep`.
  package func sleep() {
    var time = timespec(tv_sec: Int(instant / 1_000_000_000), tv_nsec: Int(instant % 1_000_000_000))
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }

  /// The time left in nanoseconds: 0 once the moment has passed, -1 for `never`.
  package var nanosecondsLeft: Int64 {
    self == .never ? -1 : max(0, Deadline.now.nanoseconds(until: self))
  }

  /// The time left, as `epoll_wait` takes it: milliseconds rounded up so that a wait never ends early, 0 once the
  /// moment has passed, -1 for `never`.
  package var pollTimeout: CInt {
    let left = nanosecondsLeft
    return left > 0 ? CInt(clamping: (left - 1) / 1_000_000 + 1) : CInt(left)
  }
}

extension Duration {
  /// The duration in whole nanoseconds, clamped to 64 bits.
  package var nanosecondsClamped: Int64 {
    Int64(clamping: attoseconds / 1_000_000_000)
  }

  /// The duration in seconds, as a floating-point number.
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
