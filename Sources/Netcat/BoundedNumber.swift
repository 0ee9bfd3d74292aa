// SPDX-License-Identifier: GPL-3.0-or-later

import Text

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
    let digits = text.utf8.drop { $0.isSpace }
    let isNegative = digits.first == UInt8(ascii: "-")
    let plain = isNegative || digits.first == UInt8(ascii: "+") ? digits.dropFirst() : digits
    // A number with more digits than an `Int` has is beyond every bound.
    guard let magnitude = plain.decimalClamped else { throw .invalid }
    let number = isNegative ? -magnitude : magnitude
    if number < bounds.lowerBound { throw .tooSmall }
    if number > bounds.upperBound { throw .tooLarge }
    return number
  }
}
