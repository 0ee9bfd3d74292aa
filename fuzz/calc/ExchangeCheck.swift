// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import FuzzSupport

/// Has the calculator's client ask, and answers with whatever libFuzzer made up.
struct ExchangeCheck {
  private var exchange = CalculatorExchange()
  private var requests: [UInt8] = []
  private var outcomes: [UInt8] = []
  private var error: CalculatorProtocolError?
  /// The number of requests that need no result of another one.
  private var readyCount = 0
  /// The requests of the calculations that have only one, by their labels.
  private var soleRequests: [Int: Int] = [:]
  /// The outcomes of these calculations, as responses.
  private var soleOutcomes: [Int: WireResponse] = [:]

  /// Stops the program if what the client makes of its answers depends on the pieces that they come in, or differs from
  /// what a second reading makes of them.
  ///
  /// - Parameter input: Expressions with semicolons in between, and behind a newline what the server says.
  static func check(_ input: ArraySlice<UInt8>, in pieces: Pieces) {
    let expressions = input.prefix { $0 != UInt8(ascii: "\n") }
    let answers = input[expressions.endIndex...].dropFirst()
    var (whole, cut) = (ExchangeCheck(expressions), ExchangeCheck(expressions))
    whole.receive(answers, in: .whole)
    cut.receive(answers, in: pieces)
    precondition(whole.error == cut.error, "an error depends on the pieces that the answers come in")
    precondition(whole.outcomes == cut.outcomes, "results depend on the pieces that the answers come in")
    StrictAnswers(Array(answers), to: whole.requests).check(
      isRefused: whole.error != nil, whole.soleOutcomes, of: whole.soleRequests)
    guard whole.error == nil else { return }
    precondition(whole.requests == cut.requests, "requests depend on the pieces that the answers come in")
    precondition(whole.exchange.count == cut.exchange.count, "results are lost")
  }

  private init(_ expressions: ArraySlice<UInt8>) {
    for (label, expression) in expressions.split(separator: UInt8(ascii: ";")).enumerated() {
      do throws(ExpressionError) {
        let plan = try ExpressionParser.plan(for: expression)
        if plan.steps.count == 1 { soleRequests[label] = readyCount }
        readyCount += plan.steps.count { $0.operands != nil }
        exchange.submit(plan, label: label)
      } catch {
        exchange.submit(failure: "\(error)", label: label)
      }
    }
    move()
  }

  private mutating func receive(_ answers: ArraySlice<UInt8>, in pieces: Pieces) {
    pieces.cut(answers) { piece in
      guard error == nil else { return }
      do throws(CalculatorProtocolError) { try exchange.receive(piece) } catch { self.error = error }
      move()
    }
  }

  /// Takes the requests, and the results as bytes, in which what is not a number equals itself.
  private mutating func move() {
    requests += exchange.output
    exchange.sent(exchange.output.count)
    while let (label, outcome) = exchange.next() {
      outcomes.append(UInt8(truncatingIfNeeded: label))
      let response: CalculatorResponse =
        switch outcome {
        case .result(let value): .result(value)
        case .failure(let message): .failure(message)
        }
      var encoded: [UInt8] = []
      response.encode(into: &encoded)
      outcomes += encoded
      guard soleRequests[label] != nil else { continue }
      var reader = WireReader(encoded, operandLimit: .max)
      soleOutcomes[label] = try? reader.response()
    }
  }
}
