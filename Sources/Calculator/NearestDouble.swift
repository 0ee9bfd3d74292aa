// SPDX-License-Identifier: GPL-3.0-or-later

/// Rounding of exact numbers to the nearest double, with ties to even (IEEE 754, 4.3.1).
package enum NearestDouble {
  /// The exponent of the last binary place of the smallest doubles.
  private static let lowestPlace = -1074
  /// The number of binary places of a double.
  private static let precision = 53
  /// The minimum number of further places of the quotient: enough to detect a tie.
  private static let guardPlaces = 2

  /// The double nearest to the exact quotient of two integers; infinite if that is beyond the largest double.
  ///
  /// - Parameter divisor: Must not be zero.
  package static func quotient(of dividend: BigInteger, by divisor: BigInteger) -> Double {
    let (above, below) = (dividend.magnitude, divisor.magnitude)
    guard !above.isZero else { return 0 }
    let isNegative = dividend.isNegative != divisor.isNegative
    // The quotient has this many binary digits before the point, or one more.
    let width = above.bitWidth - below.bitWidth
    if width > Int(Double.greatestFiniteMagnitude.exponent) + 1 { return isNegative ? -.infinity : .infinity }
    if width < lowestPlace - 1 { return isNegative ? -0.0 : 0 }
    let place = max(width - precision, lowestPlace) - guardPlaces
    let (digits, rest) = (place < 0 ? above << -place : above)
      .quotientAndRemainder(dividingBy: place > 0 ? below << place : below)
    // They fit into one limb. It matters only whether anything was cut off, which the last digit can record.
    let magnitude = rounded(UInt64(digits.limbs[0]) | (rest.isZero ? 0 : 1), place: place)
    return isNegative ? -magnitude : magnitude
  }

  /// The double nearest to `digits` · 2^`place`, where the last digit records everything that was cut off after it.
  private static func rounded(_ digits: UInt64, place: Int) -> Double {
    let width = UInt64.bitWidth - digits.leadingZeroBitCount
    let surplus = max(width - precision, lowestPlace - place)
    let kept = digits >> surplus
    let half: UInt64 = 1 << (surplus - 1)
    let cut = digits & (half << 1 - 1)
    let isRoundedUp = cut > half || (cut == half && kept & 1 == 1)
    return Double(sign: .plus, exponent: place + surplus, significand: Double(kept + (isRoundedUp ? 1 : 0)))
  }
}
