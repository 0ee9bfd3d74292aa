// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Glibc
import Testing

/// Integers of any size; `CalculatorReferenceTests` compares the operations with Python's.
@Suite(.timeLimit(.minutes(1)))
struct BigIntegerTests {
  /// A random integer in two's complement of exactly this many bytes.
  private static func random(bytes: Int) -> BigInteger {
    var payload = (0..<bytes).map { _ in UInt8.random(in: 0...255) }
    // The first byte ensures the length.
    payload[0] |= 0x40
    payload[0] &= 0x7F
    return BigInteger(twosComplement: payload.span)
  }

  private static let edges: [(BigInteger, [UInt8])] = [
    (0, [0]), (1, [1]), (-1, [0xFF]), (127, [0x7F]), (-128, [0x80]), (128, [0, 0x80]), (-129, [0xFF, 0x7F]),
    (BigInteger(.max), [0x7F] + [UInt8](repeating: 0xFF, count: 7)),
    (BigInteger(.min), [0x80] + [UInt8](repeating: 0, count: 7)),
    (1 << 63, [0, 0x80] + [UInt8](repeating: 0, count: 7)),
    (-1 << 64, [0xFF] + [UInt8](repeating: 0, count: 8)),
    ((-1 << 63) - 1, [0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7)),
    (-1 << 71, [0x80] + [UInt8](repeating: 0, count: 8)),
    (-1 << 127, [0x80] + [UInt8](repeating: 0, count: 15)),
    ((1 << 127) - 1, [0x7F] + [UInt8](repeating: 0xFF, count: 15)),
  ]

  @Test(arguments: edges)
  func `two's complement is read with any sign in front, and written in the fewest bytes`(
    number: BigInteger, bytes: [UInt8]
  ) {
    let sign: UInt8 = number.isNegative ? 0xFF : 0
    for length in 0..<20 {
      let longer = [UInt8](repeating: sign, count: length) + bytes
      #expect(BigInteger(twosComplement: longer.span) == number)
    }
    #expect(number.twosComplement == [UInt8](repeating: sign, count: max(0, 8 - bytes.count)) + bytes)
  }

  @Test(arguments: [1, 2, 3, 7, 8, 9, 15, 16, 17, 100, 1000, 5000, 20_000, 100_000])
  func `what is done can be undone`(bytes: Int) throws {
    for other in [1, 8, bytes / 2 + 1, bytes] {
      let (left, right) = (Self.random(bytes: bytes), -Self.random(bytes: other))
      #expect(left + right - right == left)
      #expect((left * right).exactQuotient(dividingBy: right) == left)
      #expect((left * right + 1).exactQuotient(dividingBy: right) == nil || other == 1)
      #expect((left + right) * right == left * right + right * right)
      #expect(BigInteger(twosComplement: right.twosComplement.span) == right)
      #expect(left << 77 == left * (1 << 77))
    }
    let digits = (0..<bytes).map { $0 == 0 ? UInt8(ascii: "7") : UInt8.random(in: 0x30...0x39) }
    let number = try #require(BigInteger(decimal: digits))
    #expect(Array(number.description.utf8) == digits)
    #expect(BigInteger(decimal: [UInt8](repeating: 0x30, count: 40) + digits) == number)
  }

  @Test func `decimal digits are nothing but digits`() {
    for text in ["", "-1", "+1", "1 ", "0x1", "1.", "٣"] {
      #expect(BigInteger(decimal: Array(text.utf8)) == nil)
    }
    #expect(BigInteger(decimal: Array("000".utf8)) == 0 && BigInteger(0).description == "0")
    #expect(!(-BigInteger(0)).isNegative && (BigInteger(-1) << 64).description == "-18446744073709551616")
  }

  /// The shortest of several measured processor times of a closure: other tests run at the same time.
  private static func time(_ body: () -> Void) -> Duration {
    func used() -> Duration {
      var time = timespec()
      _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    return (0..<5).map { _ in
      let before = used()
      body()
      return used() - before
    }.min() ?? .zero
  }

  private static let costs: [(name: String, bytes: Int, work: @Sendable (BigInteger, BigInteger) -> Void)] = [
    ("product", 512 << 10, { left, right in _ = left * right }),
    ("quotient", 512 << 10, { left, right in _ = (left << 1).exactQuotient(dividingBy: right) }),
    ("text", 64 << 10, { left, _ in _ = left.description }),
    ("number of a text", 64 << 10, { left, _ in _ = BigInteger(decimal: left.description.utf8) }),
  ]

  @Test(arguments: costs.indices)
  func `eight times the length costs much less than sixty-four times the time`(index: Int) {
    let (name, bytes, work) = Self.costs[index]
    let times = [bytes / 4, 2 * bytes].map { bytes in
      let (left, right) = (Self.random(bytes: bytes), Self.random(bytes: bytes / 2))
      return Self.time { work(left, right) }
    }
    #expect(times[1] < times[0] * 40, "\(name): \(times)")
  }
}
