// SPDX-License-Identifier: GPL-3.0-or-later

/// An integer of any size that is reckoned with as on paper, to see whether others come to the same.
struct PaperInteger {
  /// Digits to the base of 2³², the last one first, in two's complement: the first bit of the first one is the sign.
  private var digits: [UInt32]

  private init(digits: [UInt32]) { self.digits = digits }

  /// Reads two's complement in network byte order, of at least one byte.
  init(_ payload: [UInt8]) {
    let sign: UInt8 = payload[0] & 0x80 == 0 ? 0 : 0xFF
    let padded = Array(repeating: sign, count: (4 - payload.count % 4) % 4) + payload
    digits = stride(from: padded.count - 4, through: 0, by: -4).map { start in
      padded[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  /// Takes a number that is there already.
  init(_ number: UInt64) { digits = [UInt32(truncatingIfNeeded: number), UInt32(number >> 32), 0] }

  /// Whether it is less than zero.
  var isNegative: Bool { (digits.last ?? 0) >> 31 == 1 }
  /// Whether it is zero.
  var isZero: Bool { digits.allSatisfy { $0 == 0 } }
  /// The number without its sign.
  var magnitude: PaperInteger { isNegative ? -self : self }

  /// The fewest bytes that say the number, but at least 8.
  var payload: [UInt8] {
    var bytes = digits(max(2, digits.count)).reversed().flatMap { digit in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: digit >> $0) }
    }[...]
    let sign: UInt8 = isNegative ? 0xFF : 0
    while bytes.count > 8, bytes[bytes.startIndex] == sign, bytes[bytes.startIndex + 1] >> 7 == sign >> 7 {
      bytes.removeFirst()
    }
    return Array(bytes)
  }

  /// The digits, and as many more of nothing but sign as there are missing.
  private func digits(_ count: Int) -> [UInt32] {
    digits + Array(repeating: isNegative ? .max : 0, count: count - digits.count)
  }

  static func + (left: Self, right: Self) -> Self {
    let count = max(left.digits.count, right.digits.count) + 1
    var carry: UInt64 = 0
    return Self(
      digits: zip(left.digits(count), right.digits(count)).map { one, other in
        carry = UInt64(one) + UInt64(other) + carry >> 32
        return UInt32(truncatingIfNeeded: carry)
      })
  }

  static prefix func - (number: Self) -> Self {
    let inverse = number.digits(number.digits.count + 1).map { ~$0 }
    return Self(digits: inverse) + Self(1)
  }

  static func - (left: Self, right: Self) -> Self { left + -right }

  static func * (left: Self, right: Self) -> Self {
    let count = left.digits.count + right.digits.count
    let (one, other) = (left.digits(count), right.digits(count))
    var product = [UInt32](repeating: 0, count: count)
    for index in 0..<count {
      var carry: UInt64 = 0
      for offset in 0..<count - index {
        carry += UInt64(one[index]) * UInt64(other[offset]) + UInt64(product[index + offset])
        product[index + offset] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
    }
    return Self(digits: product)
  }

  static func <= (left: Self, right: Self) -> Bool { !(right - left).isNegative }

  static func < (left: Self, right: Self) -> Bool { (left - right).isNegative }

  static func << (number: Self, places: Int) -> Self {
    let power = Self(digits: [UInt32](repeating: 0, count: places / 32) + [1 << UInt32(places % 32), 0])
    return number * power
  }

  /// Whether nothing is left of it in a long division; for numbers that are not negative, and a divisor that is not 0.
  func isMultiple(of divisor: Self) -> Bool {
    let count = max(digits.count, divisor.digits.count) + 1
    let subtrahend = divisor.digits(count)
    var rest = [UInt32](repeating: 0, count: count)
    for digit in digits.reversed() {
      for place in (0..<32).reversed() {
        Self.double(&rest, adding: digit >> UInt32(place) & 1)
        if !rest.reversed().lexicographicallyPrecedes(subtrahend.reversed()) {
          Self.subtract(subtrahend, from: &rest)
        }
      }
    }
    return rest.allSatisfy { $0 == 0 }
  }

  private static func double(_ digits: inout [UInt32], adding bit: UInt32) {
    var carry = bit
    for index in digits.indices {
      (digits[index], carry) = (digits[index] << 1 | carry, digits[index] >> 31)
    }
  }

  private static func subtract(_ subtrahend: [UInt32], from digits: inout [UInt32]) {
    var borrow: UInt32 = 0
    for index in digits.indices {
      let (less, isBelow) = digits[index].subtractingReportingOverflow(subtrahend[index])
      let (rest, isBelowAgain) = less.subtractingReportingOverflow(borrow)
      digits[index] = rest
      borrow = isBelow || isBelowAgain ? 1 : 0
    }
  }
}

extension PaperInteger {
  /// The nearest double, which the processor rounds to: infinite if the number is beyond the largest.
  var nearestDouble: Double {
    let digits = magnitude.digits
    guard let last = digits.lastIndex(where: { $0 != 0 }) else { return 0 }
    var top: UInt64 = 0
    for index in [last, last - 1] { top = top << 32 | (index >= 0 ? UInt64(digits[index]) : 0) }
    let shift = top.leadingZeroBitCount
    let third = last >= 2 ? digits[last - 2] : 0
    if shift > 0 { top = top << UInt64(shift) | UInt64(third) >> UInt64(32 - shift) }
    // What is below the 64 places counts only as being there.
    let isCut = last >= 2 && (third << UInt32(shift) != 0 || digits[..<(last - 2)].contains { $0 != 0 })
    let significand = Double(top | (isCut ? 1 : 0))
    let double = Double(sign: .plus, exponent: 32 * (last - 1) - shift, significand: significand)
    return isNegative ? -double : double
  }
}
