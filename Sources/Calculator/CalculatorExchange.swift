// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule

/// The client's side of a session: converts calculations to requests, and responses to results, with many requests in
/// flight.
///
/// It does no I/O: requests are taken from `output`, and received bytes are passed to `receive`.
package struct CalculatorExchange {
  /// The outcome of a calculation.
  package enum Outcome: Equatable, Sendable {
    /// Its value.
    case result(CalculatorValue)
    /// The reason why it has no value: a message of the client or of the server, which may contain any text.
    case failure(String)
  }

  private struct Calculation {
    let label: Int
    var plan: CalculationPlan
    var outcome: Outcome?
  }

  /// A step of a calculation, identified by the number of calculations submitted before.
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

  /// The number of bytes in `output` from which no more requests are added.
  private static let outputSize = 64 << 10

  private var calculations = Deque<Calculation>()
  private var takenCount = 0
  private var ready = Deque<Place>()
  private var asked = Deque<Question>()
  private var decoder = CalculatorResponse.Decoder()
  /// Whether any response has been received.
  package private(set) var isAnswered = false
  /// Requests that have not been sent yet.
  package private(set) var output: [UInt8] = []

  /// Creates a session without requests.
  package init() {}

  /// The number of calculations submitted whose outcome was not taken.
  package var count: Int { calculations.count }

  /// Queues a calculation.
  ///
  /// - Parameter label: The label of its outcome.
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

  /// Queues the failure of a calculation that could not be requested.
  package mutating func submit(failure: String, label: Int) {
    calculations.append(Calculation(label: label, plan: CalculationPlan(), outcome: .failure(failure)))
  }

  /// Takes the outcome of the first calculation in the queue; `nil` if it is not known yet, or the queue is empty.
  package mutating func next() -> (label: Int, outcome: Outcome)? {
    guard let first = calculations.first, let outcome = first.outcome else { return nil }
    _ = calculations.popFirst()
    takenCount += 1
    return (first.label, outcome)
  }

  /// Notes that bytes of `output` were sent.
  package mutating func sent(_ count: Int) {
    output.removeFirst(count)
    ask()
  }

  /// Processes bytes from the server.
  ///
  /// - Throws: A protocol violation; the bytes after it cannot be interpreted.
  package mutating func receive(_ bytes: Span<UInt8>) throws(CalculatorProtocolError) {
    var index = 0
    while index < bytes.count {
      guard let question = asked.first else { throw .notAsked }
      let limit = question.operation.longestResult(of: question.left, question.right)
      guard let response = try decoder.next(in: bytes, at: &index, limit: limit) else { break }
      isAnswered = true
      _ = asked.popFirst()
      try settle(question, response)
      // At once, so that the request that a response belongs to does not depend on how the bytes are cut into pieces.
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
    // The outcome was already taken, or another step has failed.
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

  /// Converts steps whose operands are known to requests, as long as there is room.
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
