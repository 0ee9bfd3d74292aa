// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Testing

struct CalculatorOperationTests {
  private static func power(_ exponent: Int) -> BigInteger { BigInteger(1) << exponent }

  private static let results:
    [(CalculatorOperation, CalculatorValue, CalculatorValue, result: CalculatorValue)] = [
      (.add, .integer(3), .integer(4), .integer(7)),
      (.add, .integer(power(63) - 1), .integer(1), .integer(power(63))),
      (.subtract, .integer(0), .integer(power(64)), .integer(-power(64))),
      (.multiply, .integer(-power(40)), .integer(power(40)), .integer(-power(80))),
      (.divide, .integer(12), .integer(-4), .integer(-3)),
      (.divide, .integer(1), .integer(4), .double(0.25)),
      (.divide, .integer(0), .integer(-4), .integer(0)),
      (.divide, .integer(power(2000)), .integer(3 * power(1998)), .double(4.0 / 3)),
      (.divide, .integer(1), .integer(3 * power(1072)), .double(.leastNonzeroMagnitude)),
      (.divide, .integer(1), .integer(3 * power(1076)), .double(0)),
      (.add, .double(0.1), .double(0.2), .double(0.1 + 0.2)),
      (.multiply, .integer(2), .double(1.5), .double(3)),
      (.subtract, .double(1), .integer(power(53) + 1), .double(-9007199254740991)),
      (.concatenate, .text("a"), .text("b"), .text("ab")),
    ]

  @Test(arguments: results)
  func `two operands have a result`(
    operation: CalculatorOperation, left: CalculatorValue, right: CalculatorValue, result: CalculatorValue
  ) throws {
    #expect(try operation(left, right) == result)
  }

  private static let refusals:
    [(CalculatorOperation, CalculatorValue, CalculatorValue, reason: CalculationError)] = [
      (.divide, .integer(1), .integer(0), .divisionByZero),
      (.divide, .double(1), .double(-0.0), .divisionByZero),
      (.divide, .integer(0), .double(0), .divisionByZero),
      (.multiply, .double(1e200), .double(1e200), .overflow),
      (.divide, .integer(power(2000) + 1), .integer(2), .overflow),
      (.add, .integer(power(1024)), .double(1), .integerTooLarge),
      (.add, .double(.infinity), .double(1), .notFinite),
      (.multiply, .integer(1), .double(.nan), .notFinite),
      (.add, .text("a"), .text("b"), .textInArithmetic(.add)),
      (.divide, .integer(1), .text("b"), .textInArithmetic(.divide)),
      (.concatenate, .integer(1), .integer(2), .numberToConcatenate),
      (.concatenate, .text("a"), .double(2), .numberToConcatenate),
    ]

  @Test(arguments: refusals)
  func `or a reason why they have none`(
    operation: CalculatorOperation, left: CalculatorValue, right: CalculatorValue, reason: CalculationError
  ) throws {
    #expect(throws: reason) { try operation(left, right) }
  }
}
