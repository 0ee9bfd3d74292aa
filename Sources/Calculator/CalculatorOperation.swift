// SPDX-License-Identifier: GPL-3.0-or-later

/// What the calculator can do with two operands; the raw value is the opcode on the wire.
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

  /// Does the operation.
  ///
  /// Two integers have an exact integer for their result, and a quotient that is none is the nearest double. Where
  /// one operand is a double the other is rounded to one, and the result is what IEEE 754 says.
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

  /// Whether it may take a millisecond or more, which is too long for a loop that has others to serve.
  package func takesLong(_ left: CalculatorValue, _ right: CalculatorValue) -> Bool {
    // Everything is copied a few times.
    if left.payloadLength + right.payloadLength > Self.shortLength { return true }
    guard case (.integer(let left), .integer(let right)) = (left, right) else { return false }
    let (above, below) = (left.magnitude.limbs.count, right.magnitude.limbs.count)
    switch self {
    case .add, .subtract, .concatenate: return false
    case .multiply: return above * below > Self.fewSteps
    case .divide: return (above - below) * below > Self.fewSteps
    }
  }

  /// The bytes of two operands that are copied and added up at once.
  private static let shortLength = 512 << 10
  /// The products of two limbs that are worked out at once.
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

  /// A number as a double; an infinity or a NaN that came over the wire is none to reckon with.
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

/// Why an operation has no result.
package enum CalculationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The divisor is zero.
  case divisionByZero
  /// The result is beyond the largest double.
  case overflow
  /// An integer that meets a double is beyond the largest double.
  case integerTooLarge
  /// An operand is an infinity or not a number.
  case notFinite
  /// Text where numbers are needed.
  case textInArithmetic(CalculatorOperation)
  /// A number where text is needed.
  case numberToConcatenate

  /// The reason, as the server words it.
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
