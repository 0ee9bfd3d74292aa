// SPDX-License-Identifier: GPL-3.0-or-later

/// The operations of the calculator on two operands; the raw value is the opcode on the wire.
package enum CalculatorOperation: UInt8, CaseIterable, Sendable {
  /// The sum of two numbers.
  case add = 1
  /// The product of two numbers.
  case multiply = 2
  /// One text after the other.
  case concatenate = 3
  /// The first number less the second.
  case subtract = 4
  /// The first number divided by the second.
  case divide = 5

  /// Performs the operation.
  ///
  /// Two integers have an exact integer as their result, except that a quotient that is not an integer is the nearest
  /// double. If one operand is a double, the other is rounded to one, and the result is that of IEEE 754.
  package func callAsFunction(
    _ left: CalculatorValue, _ right: CalculatorValue
  ) throws(CalculationError) -> CalculatorValue {
    switch (left, right) {
    case (.text(let left), .text(let right)) where self == .concatenate: return .text(left + right)
    case (.text, _) where self != .concatenate, (_, .text) where self != .concatenate:
      throw .textInArithmetic(self)
    case (.integer(let left), .integer(let right)): return try exactly(left, right)
    case (.text, _), (_, .text): throw .numberToConcatenate
    default: return .double(try approximately(try Self.double(left), try Self.double(right)))
    }
  }

  /// Whether it may take a millisecond or more, which is too long for a loop that serves other clients.
  package func takesLong(_ left: CalculatorValue, _ right: CalculatorValue) -> Bool {
    // All bytes are copied several times.
    if left.payloadLength + right.payloadLength > Self.shortLength { return true }
    guard case (.integer(let left), .integer(let right)) = (left, right) else { return false }
    let (above, below) = (left.magnitude.limbs.count, right.magnitude.limbs.count)
    switch self {
    case .add, .subtract, .concatenate: return false
    case .multiply: return above * below > Self.fewSteps
    case .divide: return (above - below) * below > Self.fewSteps
    }
  }

  /// The number of operand bytes that are copied and added without delaying others.
  private static let shortLength = 512 << 10
  /// The number of products of two limbs that are calculated without delaying others.
  private static let fewSteps = 1 << 20

  private func exactly(_ left: BigInteger, _ right: BigInteger) throws(CalculationError) -> CalculatorValue {
    switch self {
    case .add: return .integer(left + right)
    case .subtract: return .integer(left - right)
    case .multiply: return .integer(left * right)
    case .concatenate: throw .numberToConcatenate
    case .divide:
      guard !right.isZero else { throw .divisionByZero }
      if let quotient = left.exactQuotient(dividingBy: right) { return .integer(quotient) }
      let nearest = NearestDouble.quotient(of: left, by: right)
      guard nearest.isFinite else { throw .overflow }
      return .double(nearest)
    }
  }

  private func approximately(_ left: Double, _ right: Double) throws(CalculationError) -> Double {
    let result: Double
    switch self {
    case .add: result = left + right
    case .subtract: result = left - right
    case .multiply: result = left * right
    case .concatenate: throw .numberToConcatenate
    case .divide:
      guard right != 0 else { throw .divisionByZero }
      result = left / right
    }
    guard result.isFinite else { throw .overflow }
    return result
  }

  /// A number as a double; an infinity or a NaN received over the wire is refused.
  private static func double(_ value: CalculatorValue) throws(CalculationError) -> Double {
    switch value {
    case .integer(let integer):
      let nearest = NearestDouble.quotient(of: integer, by: 1)
      guard nearest.isFinite else { throw .integerTooLarge }
      return nearest
    case .double(let double):
      guard double.isFinite else { throw .notFinite }
      return double
    case .text: preconditionFailure("text was refused before")
    }
  }
}

/// The reason why an operation has no result.
package enum CalculationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The divisor is zero.
  case divisionByZero
  /// The result is beyond the largest double.
  case overflow
  /// An integer in an operation with a double is beyond the largest double.
  case integerTooLarge
  /// An operand is an infinity or not a number.
  case notFinite
  /// Text where a number is required.
  case textInArithmetic(CalculatorOperation)
  /// A number where text is required.
  case numberToConcatenate

  /// The reason, in the server's words.
  package var description: String {
    switch self {
    case .divisionByZero: "division by zero"
    case .overflow: "overflow: the result is too large for a double"
    case .integerTooLarge: "overflow: an integer is too large for a double"
    case .notFinite: "an operand is infinite or not a number"
    case .textInArithmetic(let operation): "wrong type: \(operation) takes numbers, not text"
    case .numberToConcatenate: "wrong type: concatenate takes texts, not numbers"
    }
  }
}
