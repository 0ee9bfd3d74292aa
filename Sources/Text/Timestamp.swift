// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Formats timestamps.
package enum Timestamp {
  /// Formats nanoseconds since 1970 as in RFC 3339, in UTC, to the microsecond: `2026-01-31T12:00:00.123456Z`.
  ///
  /// The corresponding C function is `gmtime_r`.
  package static func text(nanoseconds: Int64) -> String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    let microseconds = Int(nanoseconds % 1_000_000_000) / 1000
    var date = unsafe tm()
    unsafe gmtime_r(&seconds, &date)
    let day = unsafe [(Int(date.tm_year) + 1900, 4), (Int(date.tm_mon) + 1, 2), (Int(date.tm_mday), 2)]
    let time = unsafe [date.tm_hour, date.tm_min, date.tm_sec].map { (Int($0), 2) }
    return join(day, "-") + "T" + join(time, ":") + "." + padded(microseconds, 6) + "Z"
  }

  private static func join(_ parts: [(number: Int, width: Int)], _ separator: String) -> String {
    parts.map { padded($0.number, $0.width) }.joined(separator: separator)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
