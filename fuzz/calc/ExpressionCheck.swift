// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import FuzzSupport
import Sockets

/// Reads lines as expressions, and has them calculated.
enum ExpressionCheck {
  /// Stops the program if the lines depend on the pieces that they come in, or an expression has no outcome.
  static func check(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    let lines = lines(of: bytes, in: .whole)
    precondition(lines == Self.lines(of: bytes, in: pieces), "lines depend on the pieces that they come in")
    var exchange = CalculatorExchange()
    for line in lines {
      guard let bytes = line.bytes, let plan = plan(for: bytes) else { continue }
      exchange.submit(plan, label: line.number)
    }
    finish(&exchange)
  }

  /// Stops the program if a person at a terminal could do so.
  static func session(_ bytes: ArraySlice<UInt8>) {
    var dialogue = CalculatorDialogue()
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let text = String(decoding: line, as: UTF8.self)
      precondition(!dialogue.prompt.isEmpty, "there is no prompt")
      _ = dialogue.completions(of: text)
      guard let reaction = try? dialogue.take(text), case .calculate(let plan) = reaction else { continue }
      precondition(!dialogue.isInquiring, "operands are asked for that are there")
      var exchange = CalculatorExchange()
      exchange.submit(plan, label: 0)
      finish(&exchange)
    }
  }

  private static func lines(of bytes: ArraySlice<UInt8>, in pieces: Pieces) -> [ExpressionLines.Line] {
    var (lines, taken) = (ExpressionLines(), [ExpressionLines.Line]())
    pieces.cut(bytes) { piece in
      lines.append(piece)
      while let line = lines.next() { taken.append(line) }
    }
    lines.end()
    while let line = lines.next() { taken.append(line) }
    return taken
  }

  /// The plan for a line, which is the same as that for the line in parentheses.
  private static func plan(for line: [UInt8]) -> CalculationPlan? {
    do throws(ExpressionError) {
      let plan = try ExpressionParser.plan(for: line)
      if let enclosed = try? ExpressionParser.plan(for: "(".utf8 + line + ")".utf8) {
        precondition(plan == enclosed, "parentheses around an expression change it")
      } else {
        let depth = line.count { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: "-") }
        precondition(depth >= ExpressionParser.deepest, "parentheses around an expression are not allowed")
      }
      return plan
    } catch {
      precondition((1...line.count + 1).contains(error.column), "an error is about what is not there")
      return nil
    }
  }

  /// Asks the service until every calculation has an outcome.
  private static func finish(_ exchange: inout CalculatorExchange) {
    let limit = CalculatorService.defaultOperandLimit
    var server = Client(CalculatorService(operandLimit: limit).makeSession(for: .unnamed))
    var (requests, received) = ([UInt8](), 0)
    while !exchange.output.isEmpty {
      let request = exchange.output
      requests += request
      server.send(request[...], in: .whole)
      exchange.sent(request.count)
      let answers = Array(server.answer[received...])
      received = server.answer.count
      let isUnderstood = (try? exchange.receive(answers.span)) != nil
      precondition(isUnderstood, "the client does not understand the service")
    }
    while exchange.next() != nil {}
    precondition(exchange.count == 0, "an expression has no outcome")
    ServiceCheck.check(server.answer, to: requests, isOver: server.isOver, limits: (limit, 2 * limit))
  }
}
