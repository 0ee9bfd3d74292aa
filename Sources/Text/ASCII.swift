// SPDX-License-Identifier: GPL-3.0-or-later

// Inlinable, because parsers call these for each byte.

/// The classification of bytes in text protocols, independent of the locale: only ASCII counts.
///
/// Swift's string functions are not used, because they treat the Kelvin sign as a K.
extension UInt8 {
  /// Whether it is a digit.
  @inlinable package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  /// Whether it is a letter.
  @inlinable package var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

  /// The value of a hexadecimal digit; `nil` for anything else.
  @inlinable package var hexadecimalValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The lowercase form of a capital letter; any other byte unchanged.
  @inlinable package var lowercased: UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
  }

  /// Whether it is white space, as defined by C's `isspace`.
  @inlinable package var isSpace: Bool { self == UInt8(ascii: " ") || (0x09...0x0D).contains(self) }

  /// Whether it is a space or a tab.
  @inlinable package var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

extension Collection<UInt8> {
  /// Whether these are the bytes of a text, ignoring case.
  @inlinable package func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { unsafe elementsEqual($0) { $0.lowercased == $1.lowercased } }
  }

  /// The value of decimal digits, at most `Int.max`; `nil` if there are none, or any other byte.
  @inlinable package var decimalClamped: Int? {
    guard !isEmpty, allSatisfy(\.isDigit) else { return nil }
    var number = 0
    for digit in self {
      let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      if isTooLarge || overflow { return .max }
      number = sum
    }
    return number
  }
}

extension BidirectionalCollection<UInt8> {
  /// The bytes without spaces and tabs at both ends.
  @inlinable package var withoutBlanks: SubSequence {
    let start = drop { $0.isBlank }
    guard let last = start.lastIndex(where: { !$0.isBlank }) else { return start }
    return start[...last]
  }
}

/// Control characters.
package enum ASCII {
  /// The end of a line.
  package static let lineFeed = UInt8(ascii: "\n")
  /// Precedes the line feed in many protocols.
  package static let carriageReturn = UInt8(ascii: "\r")
}
