// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The format of durations: `2`, `0.5`, `500ms`, `2s`, `5m30s`, `1h`, `14d`.
package enum DurationFormat {
  /// What `parse` accepts, for messages.
  package static let accepted = "a duration such as 2, 0.5, 500ms, 2s, 5m30s, 1h or 14d"

  /// The maximum duration, a hundred years: more than any use needs, and few enough nanoseconds for 64 bits.
  private static let longestSeconds = 100.0 * 365 * 86_400

  /// The units, the longest first, which is also their order in a duration with several.
  private static let units = [("d", 86_400.0), ("h", 3600), ("m", 60), ("s", 1), ("ms", 0.001)]

  /// Parses a duration, a number of seconds or of units; `nil` if it is anything else, negative, or over a hundred
  /// years.
  package static func parse(_ text: String) -> Duration? {
    guard let seconds = seconds(text), seconds <= longestSeconds else { return nil }
    return .nanoseconds(Int64((seconds * 1e9).rounded()))
  }

  /// What is expected where `parse` rejects a text.
  package static func expected(insteadOf text: String) -> String {
    seconds(text) == nil
      ? accepted : "a duration of at most \(Int(longestSeconds / 86_400))d, which is a hundred years"
  }

  private static func seconds(_ text: String) -> Double? {
    var rest = text[...]
    var units = units[...]
    var seconds = 0.0
    repeat {
      let digits = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard let number = Double(digits) else { return nil }
      if name.isEmpty, digits.count == text.count {
        seconds = number
      } else {
        guard let index = units.firstIndex(where: { $0.0 == name }) else { return nil }
        seconds += number * units[index].1
        units = units[(index + 1)...]
      }
    } while !rest.isEmpty
    return seconds
  }

  /// Formats a duration for messages: `250 ms`, `1.50 s`, `10 s`.
  package static func describe(_ duration: Duration) -> String {
    let milliseconds = duration.nanosecondsClamped / 1_000_000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    if milliseconds % 1000 == 0 { return "\(milliseconds / 1000) s" }
    return "\(Decimals.text(duration.seconds, places: 2)) s"
  }
}
