// SPDX-License-Identifier: GPL-3.0-or-later

import CGMP
import Text

/// A natural number of any size, implemented with GNU MP: no operation takes quadratic time.
///
/// GNU MP ends the process if memory runs out, as Swift's arrays do.
package struct Natural: Equatable, Sendable {
  /// The digits in base 2⁶⁴, the lowest first; the last one is not zero, and zero has none.
  let limbs: [UInt]

  /// Zero.
  static let zero = Natural(limbs: [])

  /// Creates a number from limbs, the lowest first; leading zeros are dropped.
  init(limbs: consuming [UInt]) {
    while limbs.last == 0 { limbs.removeLast() }
    self.limbs = limbs
  }

  /// Whether it is zero.
  package var isZero: Bool { limbs.isEmpty }

  /// The number of binary digits; 0 for zero.
  package var bitWidth: Int {
    limbs.count * UInt.bitWidth - (limbs.last?.leadingZeroBitCount ?? 0)
  }

  /// Whether it is a power of two.
  var isPowerOfTwo: Bool { limbs.last?.nonzeroBitCount == 1 && limbs.dropLast().allSatisfy { $0 == 0 } }

  /// The sum. The corresponding C function is `mpn_add`.
  static func + (left: Natural, right: Natural) -> Natural {
    let (long, short) = byCount(left.limbs, right.limbs)
    guard !short.isEmpty else { return Natural(limbs: long) }
    return Natural(
      limbs: unsafe room(for: long.count + 1) { sum in
        let carry = unsafe sockkit_natural_add(sum, long, long.count, short, short.count)
        unsafe sum[long.count] = carry
      })
  }

  /// The difference. The corresponding C function is `mpn_sub`.
  ///
  /// - Precondition: `right` is not greater than `left`.
  static func - (left: Natural, right: Natural) -> Natural {
    guard !right.isZero else { return left }
    precondition(!(left < right), "the difference would be negative")
    let (left, right) = (left.limbs, right.limbs)
    return Natural(
      limbs: unsafe room(for: left.count) {
        unsafe sockkit_natural_subtract($0, left, left.count, right, right.count)
      })
  }

  /// The product. The corresponding C function is `mpn_mul`.
  static func * (left: Natural, right: Natural) -> Natural {
    let (long, short) = byCount(left.limbs, right.limbs)
    guard !short.isEmpty else { return .zero }
    return Natural(
      limbs: unsafe room(for: long.count + short.count) {
        unsafe sockkit_natural_multiply($0, long, long.count, short, short.count)
      })
  }

  /// The number times a power of two. The corresponding C function is `mpn_lshift`.
  static func << (number: Natural, places: Int) -> Natural {
    let (whole, bits) = places.quotientAndRemainder(dividingBy: UInt.bitWidth)
    let limbs = number.limbs
    guard !limbs.isEmpty, bits > 0 else { return Natural(limbs: repeatElement(0, count: whole) + limbs) }
    return Natural(
      limbs: unsafe room(for: whole + limbs.count + 1) { result in
        unsafe result.update(repeating: 0, count: whole)
        let high = unsafe sockkit_natural_shift(result + whole, limbs, limbs.count, CUnsignedInt(bits))
        unsafe result[whole + limbs.count] = high
      })
  }

  /// Whether one number is less than another. The corresponding C function is `mpn_cmp`.
  static func < (left: Natural, right: Natural) -> Bool {
    guard left.limbs.count == right.limbs.count else { return left.limbs.count < right.limbs.count }
    guard !left.isZero else { return false }
    return unsafe sockkit_natural_compare(left.limbs, right.limbs, left.limbs.count) < 0
  }

  /// The quotient, rounded down, and the remainder. The corresponding C function is `mpn_tdiv_qr`.
  ///
  /// - Precondition: `divisor` is not zero.
  func quotientAndRemainder(dividingBy divisor: Natural) -> (quotient: Natural, remainder: Natural) {
    precondition(!divisor.isZero, "division by zero")
    let (left, right) = (limbs, divisor.limbs)
    guard left.count >= right.count else { return (.zero, self) }
    var remainder: [UInt] = []
    let quotient = unsafe Self.room(for: left.count - right.count + 1) { quotient in
      remainder = unsafe Self.room(for: right.count) { remainder in
        unsafe sockkit_natural_divide(quotient, remainder, left, left.count, right, right.count)
      }
    }
    return (Natural(limbs: quotient), Natural(limbs: remainder))
  }

  /// Limbs that a closure fills in completely.
  private static func room(for count: Int, _ fill: (UnsafeMutablePointer<UInt>) -> Void) -> [UInt] {
    unsafe [UInt](unsafeUninitializedCapacity: count) { (buffer, initializedCount) in
      if let limbs = buffer.baseAddress { unsafe fill(limbs) }
      initializedCount = count
    }
  }

  private static func byCount(_ left: [UInt], _ right: [UInt]) -> (long: [UInt], short: [UInt]) {
    left.count < right.count ? (right, left) : (left, right)
  }
}

extension Natural: CustomStringConvertible {
  /// An upper limit of the decimal digits of a limb.
  private static let digitsPerLimb = 20
  private static let zeroDigit = UInt8(ascii: "0")

  /// Parses decimal digits; `nil` if there are none, or any other character. The corresponding C function is
  /// `mpn_set_str`.
  init?(decimal text: some Collection<UInt8>) {
    guard !text.isEmpty, text.allSatisfy(\.isDigit) else { return nil }
    let digits = text.drop { $0 == Self.zeroDigit }.map { $0 - Self.zeroDigit }
    guard !digits.isEmpty else {
      self = .zero
      return
    }
    // A limb holds at least 19 digits.
    let capacity = digits.count / (Self.digitsPerLimb - 1) + 2
    self.init(
      limbs: unsafe [UInt](unsafeUninitializedCapacity: capacity) { (limbs, count) in
        count = unsafe sockkit_natural_from_decimal(limbs.baseAddress, digits, digits.count)
      })
  }

  /// The decimal digits. The corresponding C function is `mpn_get_str`.
  package var description: String {
    guard !isZero else { return "0" }
    var lost = limbs + [0]
    let digits = unsafe [UInt8](unsafeUninitializedCapacity: limbs.count * Self.digitsPerLimb + 1) {
      unsafe $1 = sockkit_natural_to_decimal($0.baseAddress, &lost, limbs.count)
    }
    return String(decoding: digits.drop { $0 == 0 }.map { $0 + Self.zeroDigit }, as: UTF8.self)
  }
}
