// SPDX-License-Identifier: GPL-3.0-or-later

/// The requests, and their order, that determine the value of an expression.
///
/// The steps are stored in an array rather than a tree, so that an expression of any length is deallocated without
/// recursion.
package struct CalculationPlan: Equatable, Sendable {
  /// A binary operator.
  package enum Operator: Sendable {
    /// `+`
    case plus
    /// `-`
    case minus
    /// `*`
    case times
    /// `/`
    case over

    /// The operation that it denotes; `+` concatenates two texts.
    package func operation(on left: CalculatorValue, _ right: CalculatorValue) -> CalculatorOperation {
      switch self {
      case .plus:
        if case (.text, .text) = (left, right) { .concatenate } else { .add }
      case .minus: .subtract
      case .times: .multiply
      case .over: .divide
      }
    }
  }

  /// An operand: a value, or the result of an earlier step.
  package enum Term: Equatable, Sendable {
    /// A value.
    case value(CalculatorValue)
    /// The result of the step with this index.
    case result(of: Int)
  }

  /// One operation, which is one request to the server.
  package struct Step: Equatable, Sendable {
    /// The operator.
    package let `operator`: Operator
    /// The first operand.
    package var left: Term
    /// The second operand.
    package var right: Term
    /// The step that uses the result; `nil` for the last one.
    package fileprivate(set) var consumer: Int?

    /// The operands, once both are known.
    package var operands: (left: CalculatorValue, right: CalculatorValue)? {
      guard case (.value(let left), .value(let right)) = (left, right) else { return nil }
      return (left, right)
    }
  }

  /// The operations, each after those whose results it uses.
  package internal(set) var steps: [Step] = []
  /// The value of the whole expression.
  package internal(set) var result = Term.value(.integer(0))

  /// Creates a plan for one operation on two values.
  package init(_ operator: Operator, _ left: CalculatorValue, _ right: CalculatorValue) {
    result = append(`operator`, .value(left), .value(right))
  }

  /// Creates a plan without steps.
  init() {}

  /// Appends an operation.
  ///
  /// - Returns: Its result, which must be used once.
  mutating func append(_ operator: Operator, _ left: Term, _ right: Term) -> Term {
    for case .result(let index) in [left, right] { steps[index].consumer = steps.count }
    steps.append(Step(operator: `operator`, left: left, right: right, consumer: nil))
    return .result(of: steps.count - 1)
  }

  /// Fills in the result of a step where it is used.
  ///
  /// - Returns: The step that uses it; `nil` for the last one.
  mutating func fill(_ value: CalculatorValue, of index: Int) -> Int? {
    guard let consumer = steps[index].consumer else {
      result = .value(value)
      return nil
    }
    if steps[consumer].left == .result(of: index) {
      steps[consumer].left = .value(value)
    } else {
      steps[consumer].right = .value(value)
    }
    return consumer
  }
}
