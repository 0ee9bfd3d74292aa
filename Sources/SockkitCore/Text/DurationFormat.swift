// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// How durations are written: `2`, `0.5`, `500ms`, `2s`, `1m`, `1h`.
package enum DurationFormat {
  /// What `parse` accepts, for messages.
  package static let accepted = "a duration such as 2, 0.5, 500ms, 2s, 1m or 1h"

  /// Longer than anybody waits, and short enough for nanoseconds in 64 bits: a hundred years.
  private static let longestSeconds = 100.0 * 365 * 86_400

  /// Reads a duration; `nil` if it is anything else, negative, or over a hundred years.
  package static func parse(_ text: String) -> Duration? {
    let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
    let unit = units.first { text.hasSuffix($0.suffix) }
    let digits = text.dropLast(unit?.suffix.count ?? 0)
    let isPlain = digits.utf8.allSatisfy {
      $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
    guard isPlain, let number = Double(digits) else { return nil }
    let seconds = number * (unit?.seconds ?? 1)
    guard seconds <= longestSeconds else { return nil }
    return .nanoseconds(Int64((seconds * 1e9).rounded()))
  }

  /// Writes a duration for people: `250 ms`, `1.50 s`, `10 s`.
  package static func describe(_ duration: Duration) -> String {
    let milliseconds = duration.nanosecondsClamped / 1_000_000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    if milliseconds % 1000 == 0 { return "\(milliseconds / 1000) s" }
    return "\(Decimals.text(duration.seconds, places: 2)) s"
  }
}
