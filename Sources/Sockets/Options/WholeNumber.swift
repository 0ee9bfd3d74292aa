// SPDX-License-Identifier: GPL-3.0-or-later

/// A whole number as it is written for a socket option.
package enum WholeNumber {
  /// Reads a decimal number or, after `0x`, a hexadecimal one, either with a minus sign before it; `nil` if the text is
  /// anything else, or the number does not fit.
  package static func parse(_ text: String) -> Int? {
    let isNegative = text.hasPrefix("-")
    let amount = (isNegative ? text.dropFirst() : text[...]).lowercased()
    let isHexadecimal = amount.hasPrefix("0x")
    let digits = isHexadecimal ? amount.dropFirst(2) : amount[...]
    // A sign of its own would be accepted otherwise.
    guard digits.first?.isHexDigit == true, let number = Int(digits, radix: isHexadecimal ? 16 : 10) else {
      return nil
    }
    return isNegative ? -number : number
  }
}
