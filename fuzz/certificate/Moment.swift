// SPDX-License-Identifier: GPL-3.0-or-later

/// A moment in a certificate or a response.
enum Moment: Equatable {
  /// In seconds since 1970.
  case seconds(Int)
  /// A date that does not exist.
  case never
  /// Not in the form that RFC 5280 prescribes, of which OpenSSL reads some.
  case other

  /// Reads `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
  init(_ value: DER) {
    var text = Array(value.content)
    if value.tag == DER.shortTime, let first = text.first {
      // RFC 5280, section 4.1.2.5.1.
      text = Array((first >= UInt8(ascii: "5") ? "19" : "20").utf8) + text
    }
    guard text.count == 15, text.removeLast() == UInt8(ascii: "Z"),
      text.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
    else {
      self = .other
      return
    }
    let pairs = stride(from: 0, to: 14, by: 2).map { Int(text[$0] - 48) * 10 + Int(text[$0 + 1] - 48) }
    let (year, month, day) = (pairs[0] * 100 + pairs[1], pairs[2], pairs[3])
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), (1...lengths[month - 1]).contains(day), pairs[4] < 24, pairs[5] < 60,
      pairs[6] < 60
    else {
      self = .never
      return
    }
    // The days since the first one of the year 0, of which 719,528 are before 1970.
    let days =
      365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400
      + lengths[..<(month - 1)].reduce(0, +) + day - 1 - 719_528
    self = .seconds(((days * 24 + pairs[4]) * 60 + pairs[5]) * 60 + pairs[6])
  }

  /// Whether it is these seconds, where 0 stands for no moment; what is in another form may be any.
  func isRead(as seconds: Int) -> Bool {
    switch self {
    case .seconds(let own): own == seconds
    case .never: seconds == 0
    case .other: true
    }
  }
}
