// SPDX-License-Identifier: GPL-3.0-or-later

/// A number of a command line within bounds, read as by `strtonum(3)`.
package enum BoundedNumber {
  /// Why a text is not such a number, in the words of `strtonum`.
  package enum Problem: String, Error {
    /// It is no number.
    case invalid
    /// It is below the least number.
    case tooSmall = "too small"
    /// It is above the greatest number.
    case tooLarge = "too large"
  }

  /// Reads a number.
  package static func parse(_ text: String, in bounds: ClosedRange<Int>) throws(Problem) -> Int {
    let digits = text.drop { $0 == " " || $0 == "\t" }
    let isNegative = digits.hasPrefix("-")
    let plain = isNegative || digits.hasPrefix("+") ? digits.dropFirst() : digits
    guard !plain.isEmpty, plain.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else {
      throw .invalid
    }
    // A number with more digits than an `Int` has is beyond every bound.
    let magnitude = Int(plain) ?? .max
    let number = isNegative ? -magnitude : magnitude
    if number < bounds.lowerBound { throw .tooSmall }
    if number > bounds.upperBound { throw .tooLarge }
    return number
  }
}
