// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Formats times as in RFC 3339, in UTC.
package enum Timestamp {
  /// Formats nanoseconds since 1970, to the microsecond: `2026-01-31T12:00:00.123456Z`.
  package static func text(nanoseconds: Int64) -> String {
    text(
      seconds: time_t(nanoseconds / 1_000_000_000), fraction: Int(nanoseconds % 1_000_000_000) / 1000,
      digits: 6)
  }

  /// Formats seconds since 1970: `2026-01-31T12:00:00Z`.
  package static func text(seconds: Int) -> String { text(seconds: time_t(seconds), fraction: 0, digits: 0) }

  /// The current time, to the millisecond: `2026-01-31T12:00:00.123Z`.
  ///
  /// The corresponding C function is `clock_gettime` with `CLOCK_REALTIME`.
  package static var now: String {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return text(seconds: time.tv_sec, fraction: time.tv_nsec / 1_000_000, digits: 3)
  }

  /// The corresponding C function is `gmtime_r`.
  private static func text(seconds: time_t, fraction: Int, digits: Int) -> String {
    var seconds = seconds
    var date = unsafe tm()
    unsafe gmtime_r(&seconds, &date)
    let day = unsafe [(Int(date.tm_year) + 1900, 4), (Int(date.tm_mon) + 1, 2), (Int(date.tm_mday), 2)]
    let time = unsafe [date.tm_hour, date.tm_min, date.tm_sec].map { (Int($0), 2) }
    return join(day, "-") + "T" + join(time, ":") + (digits > 0 ? "." + padded(fraction, digits) : "") + "Z"
  }

  private static func join(_ parts: [(number: Int, width: Int)], _ separator: String) -> String {
    parts.map { padded($0.number, $0.width) }.joined(separator: separator)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
