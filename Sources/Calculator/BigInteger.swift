// SPDX-License-Identifier: GPL-3.0-or-later

/// An integer of any size.
package struct BigInteger: Equatable, Sendable {
  /// The number without its sign.
  package let magnitude: Natural
  /// Whether it is negative.
  package let isNegative: Bool

  /// Creates a number from a magnitude and a sign; the sign of zero is dropped.
  package init(_ magnitude: Natural, isNegative: Bool) {
    self.magnitude = magnitude
    self.isNegative = isNegative && !magnitude.isZero
  }

  /// Creates a number from an `Int`.
  package init(_ number: Int) {
    self.init(Natural(limbs: [number.magnitude]), isNegative: number < 0)
  }

  /// Parses decimal digits without a sign; `nil` if there are none, or any other character.
  package init?(decimal text: some Collection<UInt8>) {
    guard let magnitude = Natural(decimal: text) else { return nil }
    self.init(magnitude, isNegative: false)
  }

  /// Whether it is zero.
  package var isZero: Bool { magnitude.isZero }

  /// The sum.
  package static func + (left: BigInteger, right: BigInteger) -> BigInteger {
    if left.isNegative == right.isNegative {
      return BigInteger(left.magnitude + right.magnitude, isNegative: left.isNegative)
    }
    let isRightLarger = left.magnitude < right.magnitude
    return isRightLarger
      ? BigInteger(right.magnitude - left.magnitude, isNegative: right.isNegative)
      : BigInteger(left.magnitude - right.magnitude, isNegative: left.isNegative)
  }

  /// The difference.
  package static func - (left: BigInteger, right: BigInteger) -> BigInteger { left + -right }

  /// The negative of a number.
  package static prefix func - (number: BigInteger) -> BigInteger {
    BigInteger(number.magnitude, isNegative: !number.isNegative)
  }

  /// The product.
  package static func * (left: BigInteger, right: BigInteger) -> BigInteger {
    BigInteger(left.magnitude * right.magnitude, isNegative: left.isNegative != right.isNegative)
  }

  /// The number times a power of two with a non-negative exponent.
  package static func << (number: BigInteger, places: Int) -> BigInteger {
    BigInteger(number.magnitude << places, isNegative: number.isNegative)
  }

  /// The quotient of two numbers if it is an integer; `nil` otherwise.
  ///
  /// - Precondition: `divisor` is not zero.
  package func exactQuotient(dividingBy divisor: BigInteger) -> BigInteger? {
    let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: divisor.magnitude)
    return remainder.isZero ? BigInteger(quotient, isNegative: isNegative != divisor.isNegative) : nil
  }
}

extension BigInteger: ExpressibleByIntegerLiteral {
  /// Creates a number from a literal.
  package init(integerLiteral value: Int) { self.init(value) }
}

extension BigInteger: CustomStringConvertible {
  /// The number in decimal digits, with a minus sign if it is negative.
  package var description: String { (isNegative ? "-" : "") + magnitude.description }
}

extension BigInteger {
  private static let wordSize = MemoryLayout<UInt>.size

  /// Parses two's complement in network byte order, of at least one byte.
  package init(twosComplement bytes: Span<UInt8>) {
    let isNegative = bytes[0] & 0x80 != 0
    let sign: UInt = isNegative ? .max : 0
    var limbs: [UInt] = []
    limbs.reserveCapacity(bytes.count / Self.wordSize + 1)
    var complement = Complement(isNegative: isNegative)
    var end = bytes.count
    while end >= Self.wordSize {
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: end - Self.wordSize, as: UInt.self)
      limbs.append(complement.next(UInt(bigEndian: word)))
      end -= Self.wordSize
    }
    if end > 0 { limbs.append(complement.next((0..<end).reduce(sign) { $0 << 8 | UInt(bytes[$1]) })) }
    self.init(Natural(limbs: limbs), isNegative: isNegative)
  }

  /// Two's complement in network byte order, in as few bytes as possible, but at least 8.
  package var twosComplement: [UInt8] {
    let count = max(Self.wordSize, twosComplementWidth / 8 + 1)
    var words: [UInt] = []
    words.reserveCapacity(magnitude.limbs.count + 1)
    var complement = Complement(isNegative: isNegative)
    for limb in magnitude.limbs { words.append(complement.next(limb)) }
    // Room for the sign bit, or for a zero of eight bytes.
    words.append(isNegative ? .max : 0)
    words.reverse()
    for index in words.indices { words[index] = words[index].bigEndian }
    return unsafe words.withUnsafeBytes { unsafe Array($0.suffix(count)) }
  }

  /// The number of bits in two's complement, without the sign bit.
  private var twosComplementWidth: Int {
    magnitude.bitWidth - (isNegative && magnitude.isPowerOfTwo ? 1 : 0)
  }

  /// Converts a magnitude to two's complement and back, word by word from the lowest.
  private struct Complement {
    let isNegative: Bool
    /// Whether one must still be added, which is the case until a word is not zero.
    private var hasCarry: Bool

    init(isNegative: Bool) {
      self.isNegative = isNegative
      hasCarry = isNegative
    }

    mutating func next(_ word: UInt) -> UInt {
      guard isNegative else { return word }
      defer { hasCarry = hasCarry && word == 0 }
      return ~word &+ (hasCarry ? 1 : 0)
    }
  }
}
