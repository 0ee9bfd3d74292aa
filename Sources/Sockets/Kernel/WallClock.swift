// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// The time of day, for records; deadlines use `Deadline` instead.
package enum WallClock {
  /// Nanoseconds since 1970. The corresponding C function is `clock_gettime`.
  package static var nanoseconds: Int64 {
    var time = timespec()
    // Cannot fail: the clock exists and the pointer is good.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Whole seconds since 1970.
  package static var seconds: Int { Int(nanoseconds / 1_000_000_000) }
}
