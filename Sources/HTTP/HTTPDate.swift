// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Text

/// Dates in HTTP's format (RFC 9110, section 5.6.7), in seconds since 1970.
enum HTTPDate {
  /// The current second.
  static var now: Int { Glibc.time(nil) }

  /// Formats a time: `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func text(_ seconds: Int) -> String {
    let date = CalendarDate(seconds: seconds)
    // Every answer contains two dates, and string interpolation takes ten times as long.
    var text: [UInt8] = []
    text.reserveCapacity(29)
    text += weekday(date).utf8
    text += ", ".utf8
    append(date.day, digits: 2, to: &text)
    text.append(UInt8(ascii: " "))
    text += month(date).utf8
    text.append(UInt8(ascii: " "))
    append(max(date.year, 0), digits: 4, to: &text)
    text.append(UInt8(ascii: " "))
    append(date.hour, digits: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    append(date.minute, digits: 2, to: &text)
    text.append(UInt8(ascii: ":"))
    append(date.second, digits: 2, to: &text)
    text += " GMT".utf8
    return String(decoding: text, as: UTF8.self)
  }

  /// Parses a date in this format or in one of the two obsolete ones; `nil` for anything else, including a date that
  /// does not exist or has the wrong weekday.
  static func parse(_ bytes: [UInt8]) -> Int? {
    let separators = Array(" ,-:".utf8)
    let words = bytes.split { separators.contains($0) }
    let seconds: Int? =
      switch words.count {
      case 8: seconds(year: words[3], month: words[2], day: words[1], time: words[4...6])
      case 7: seconds(year: words[6], month: words[1], day: words[2], time: words[3...5])
      default: nil
      }
    // Formatting it again verifies everything that was not parsed.
    guard let seconds else { return nil }
    let forms = [text(seconds), oldText(seconds), oldestText(seconds)]
    return forms.contains { $0.utf8.elementsEqual(bytes) } ? seconds : nil
  }

  private static func seconds(
    year: ArraySlice<UInt8>, month: ArraySlice<UInt8>, day: ArraySlice<UInt8>,
    time: ArraySlice<ArraySlice<UInt8>>
  ) -> Int? {
    let numbers = ([year, day] + time).filter { $0.count <= 4 }.compactMap(\.decimalClamped)
    guard numbers.count == 5 else { return nil }
    guard let month = CalendarDate.months.firstIndex(where: { $0.utf8.elementsEqual(month) }) else {
      return nil
    }
    return CalendarDate.seconds(
      year: year.count == 2 ? fullYear(numbers[0]) : numbers[0], month: month + 1, day: numbers[1],
      hour: numbers[2], minute: numbers[3], second: numbers[4])
  }

  /// A two-digit year is never more than fifty years in the future.
  private static func fullYear(_ year: Int) -> Int {
    let present = CalendarDate(seconds: now).year
    let candidate = present / 100 * 100 + year
    return candidate > present + 50 ? candidate - 100 : candidate
  }

  /// The format of RFC 850: `Sunday, 06-Nov-94 08:49:37 GMT`.
  private static func oldText(_ seconds: Int) -> String {
    let date = CalendarDate(seconds: seconds)
    let day = "\(padded(date.day))-\(month(date))-\(padded(date.year % 100))"
    return "\(CalendarDate.weekdays[date.weekday]), \(day) \(time(date)) GMT"
  }

  /// The format of `asctime`: `Sun Nov  6 08:49:37 1994`.
  private static func oldestText(_ seconds: Int) -> String {
    let date = CalendarDate(seconds: seconds)
    return
      "\(weekday(date)) \(month(date)) \(Column.right("\(date.day)", width: 2)) \(time(date)) \(year(date))"
  }

  private static func weekday(_ date: CalendarDate) -> Substring {
    CalendarDate.weekdays[date.weekday].prefix(3)
  }

  private static func month(_ date: CalendarDate) -> String { CalendarDate.months[date.month - 1] }

  private static func year(_ date: CalendarDate) -> String {
    String(repeating: "0", count: max(0, 4 - "\(date.year)".count)) + "\(date.year)"
  }

  private static func time(_ date: CalendarDate) -> String {
    "\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second))"
  }

  /// Appends a non-negative number with at least this many digits.
  private static func append(_ number: Int, digits: Int, to text: inout [UInt8]) {
    if digits > 1 || number >= 10 { append(number / 10, digits: digits - 1, to: &text) }
    text.append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
