// SPDX-License-Identifier: GPL-3.0-or-later

/// Parses an expression and plans its calculation.
///
///     expression = term *(("+" / "-") term)
///     term       = factor *(("*" / "/") factor)
///     factor     = "-" factor / "(" expression ")" / number / text
package struct ExpressionParser {
  /// The maximum nesting of parentheses and signs: more than expressions need, and little of the stack.
  package static let deepest = 1000

  private var scanner: ExpressionScanner
  private var plan = CalculationPlan()
  private var depth = 0

  /// Parses an expression in UTF-8.
  package static func plan(for expression: some Collection<UInt8>) throws(ExpressionError) -> CalculationPlan
  {
    var parser = ExpressionParser(scanner: ExpressionScanner(expression))
    parser.plan.result = try parser.expression()
    guard parser.scanner.isAtEnd else { throw parser.scanner.unexpected("an operator") }
    return parser.plan
  }

  /// Parses a number with an optional sign, and nothing else.
  package static func number(in text: some Collection<UInt8>) throws(ExpressionError) -> CalculatorValue {
    var scanner = ExpressionScanner(text)
    let isNegative = scanner.take("-")
    guard let number = try scanner.number() else { throw scanner.unexpected("a number") }
    guard scanner.isAtEnd else { throw scanner.unexpected("the end of the number") }
    return isNegative ? Self.negated(number) ?? number : number
  }

  private mutating func expression() throws(ExpressionError) -> CalculationPlan.Term {
    var left = try term()
    while true {
      if scanner.take("+") {
        left = plan.append(.plus, left, try term())
      } else if scanner.take("-") {
        left = plan.append(.minus, left, try term())
      } else {
        return left
      }
    }
  }

  private mutating func term() throws(ExpressionError) -> CalculationPlan.Term {
    var left = try factor()
    while true {
      if scanner.take("*") {
        left = plan.append(.times, left, try factor())
      } else if scanner.take("/") {
        left = plan.append(.over, left, try factor())
      } else {
        return left
      }
    }
  }

  private mutating func factor() throws(ExpressionError) -> CalculationPlan.Term {
    if let number = try scanner.number() { return .value(number) }
    if let text = try scanner.text() { return .value(.text(text)) }
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw scanner.error("nested more than \(Self.deepest) deep") }
    if scanner.take("-") {
      let operand = try factor()
      if case .value(let value) = operand, let negated = Self.negated(value) { return .value(negated) }
      // Not 0 - x, which would lose the sign of a zero.
      return plan.append(.times, .value(.integer(-1)), operand)
    }
    guard scanner.take("(") else { throw scanner.unexpected("a number, a text, '-' or '('") }
    let inner = try expression()
    guard scanner.take(")") else { throw scanner.unexpected("an operator or ')'") }
    return inner
  }

  private static func negated(_ value: CalculatorValue) -> CalculatorValue? {
    switch value {
    case .integer(let integer): .integer(-integer)
    case .double(let double): .double(-double)
    case .text: nil
    }
  }
}

/// The reason why a text is not an expression.
package struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The character that the reason concerns, counted from 1.
  package let column: Int
  /// The expectation, or the violation.
  package let message: String

  /// The column and the reason: `column 3: expected a number, a text, '-' or '(', not '*'`.
  package var description: String { "column \(column): \(message)" }

  /// Creates an error at the position after some bytes.
  init(after bytes: some Collection<UInt8>, _ message: String) {
    column = String(decoding: bytes, as: UTF8.self).count + 1
    self.message = message
  }
}
