// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import FuzzSupport

/// Has the calculator's client ask, and answers with whatever libFuzzer made up.
struct ExchangeCheck {
  private var exchange = CalculatorExchange()
  private var requests: [UInt8] = []
  private var outcomes: [UInt8] = []
  private var error: CalculatorProtocolError?

  /// Stops the program if what the client makes of its answers depends on the pieces that they come in.
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
    guard whole.error == nil else { return }
    precondition(whole.requests == cut.requests, "requests depend on the pieces that the answers come in")
    precondition(whole.exchange.count == cut.exchange.count, "results are lost")
  }

  private init(_ expressions: ArraySlice<UInt8>) {
    for (label, expression) in expressions.split(separator: UInt8(ascii: ";")).enumerated() {
      do throws(ExpressionError) {
        exchange.submit(try ExpressionParser.plan(for: expression), label: label)
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
      switch outcome {
      case .result(let value): CalculatorResponse.result(value).encode(into: &outcomes)
      case .failure(let message): CalculatorResponse.failure(message).encode(into: &outcomes)
      }
    }
  }
}
