// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule

/// A client's side of a session: turns calculations into requests, and responses into results, without waiting for
/// one before asking for the next.
///
/// It does no I/O: requests are taken from `output`, and what arrives is passed to `receive`.
package struct CalculatorExchange {
  /// What came of a calculation.
  package enum Outcome: Equatable, Sendable {
    /// Its value.
    case result(CalculatorValue)
    /// Why it has none: a message of ours or of the server, which may hold anything.
    case failure(String)
  }

  private struct Calculation {
    let label: Int
    var plan: CalculationPlan
    var outcome: Outcome?
  }

  /// A step of a calculation, which is named by how many were submitted before it.
  private struct Place {
    let calculation: Int
    let step: Int
  }

  private struct Question {
    let place: Place
    let operation: CalculatorOperation
    let left: CalculatorValue
    let right: CalculatorValue
  }

  /// The bytes in `output` from which on no more requests are put there.
  private static let outputSize = 64 << 10

  private var calculations = Deque<Calculation>()
  private var takenCount = 0
  private var ready = Deque<Place>()
  private var asked = Deque<Question>()
  private var decoder = CalculatorResponse.Decoder()
  /// Whether anything that arrived was an answer.
  package private(set) var isAnswered = false
  /// Requests that have not been sent yet.
  package private(set) var output: [UInt8] = []

  /// Creates a session in which nothing was asked.
  package init() {}

  /// How many calculations were submitted whose outcome was not taken.
  package var count: Int { calculations.count }

  /// Puts a calculation in line.
  ///
  /// - Parameter label: What the outcome is known by.
  package mutating func submit(_ plan: CalculationPlan, label: Int) {
    let index = takenCount + calculations.count
    var calculation = Calculation(label: label, plan: plan)
    if case .value(let value) = plan.result { calculation.outcome = .result(value) }
    calculations.append(calculation)
    for (step, operation) in plan.steps.enumerated() where operation.operands != nil {
      ready.append(Place(calculation: index, step: step))
    }
    ask()
  }

  /// Puts something in line that has failed before it could be asked.
  package mutating func submit(failure: String, label: Int) {
    calculations.append(Calculation(label: label, plan: CalculationPlan(), outcome: .failure(failure)))
  }

  /// Takes the outcome of the calculation that was submitted first; `nil` if it is not there yet, or all are taken.
  package mutating func next() -> (label: Int, outcome: Outcome)? {
    guard let first = calculations.first, let outcome = first.outcome else { return nil }
    _ = calculations.popFirst()
    takenCount += 1
    return (first.label, outcome)
  }

  /// Takes note that so many bytes of `output` were sent.
  package mutating func sent(_ count: Int) {
    output.removeFirst(count)
    ask()
  }

  /// Takes in what the server sent.
  ///
  /// - Throws: What the protocol does not allow; nothing that follows can be made sense of.
  package mutating func receive(_ bytes: Span<UInt8>) throws(CalculatorProtocolError) {
    var index = 0
    while index < bytes.count {
      guard let question = asked.first else { throw .notAsked }
      let limit = question.operation.longestResult(of: question.left, question.right)
      guard let response = try decoder.next(in: bytes, at: &index, limit: limit) else { break }
      isAnswered = true
      _ = asked.popFirst()
      try settle(question, response)
      // At once, so that what an answer belongs to does not depend on what arrives together with it.
      ask()
    }
  }

  private mutating func settle(
    _ question: Question, _ response: CalculatorResponse
  ) throws(CalculatorProtocolError) {
    if case .result(let value) = response,
      !question.operation.canResult(in: value, of: question.left, question.right)
    {
      throw .impossibleResult(of: question.operation)
    }
    let place = question.place
    // Gone or failed already, by another step.
    let offset = place.calculation - takenCount
    guard offset >= 0, calculations[offset].outcome == nil else { return }
    switch response {
    case .failure(let message):
      calculations[offset].outcome = .failure(message)
      calculations[offset].plan = CalculationPlan()
    case .result(let value):
      guard let consumer = calculations[offset].plan.fill(value, of: place.step) else {
        calculations[offset].outcome = .result(value)
        return
      }
      guard calculations[offset].plan.steps[consumer].operands != nil else { return }
      ready.append(Place(calculation: place.calculation, step: consumer))
    }
  }

  /// Turns steps whose operands are there into requests, as far as there is room.
  private mutating func ask() {
    while output.count < Self.outputSize, let place = ready.popFirst() {
      let offset = place.calculation - takenCount
      guard offset >= 0, calculations[offset].outcome == nil else { continue }
      let step = calculations[offset].plan.steps[place.step]
      guard let (left, right) = step.operands else { continue }
      let operation = step.operator.operation(on: left, right)
      CalculatorRequest.calculate(operation, left, right).encode(into: &output)
      asked.append(Question(place: place, operation: operation, left: left, right: right))
    }
  }
}
