// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Testing

struct ExpressionParserTests {
  /// The result of a plan, with the service's own arithmetic in place of a server.
  private static func value(of expression: String) throws -> CalculatorValue {
    var exchange = CalculatorExchange()
    exchange.submit(try ExpressionParser.plan(for: expression.utf8), label: 1)
    var session = CalculatorServiceSession()
    while !exchange.output.isEmpty {
      let answered = session.answers.count
      session.send(exchange.output)
      exchange.sent(exchange.output.count)
      let answers = Array(session.answers[answered...])
      try exchange.receive(answers.span)
    }
    let outcome = try #require(exchange.next()?.outcome)
    guard case .result(let value) = outcome else { throw Refused(outcome: outcome) }
    return value
  }

  private struct Refused: Error { let outcome: CalculatorExchange.Outcome }

  private static let values: [(String, value: CalculatorValue)] = [
    ("7", .integer(7)), ("007", .integer(7)), (" \t7\r", .integer(7)), ("2.5", .double(2.5)),
    (".5", .double(0.5)), ("1e9", .double(1e9)), ("1E+2", .double(100)), ("25e-1", .double(2.5)),
    ("1e-999", .double(0)), ("1+2*3", .integer(7)), ("(1+2)*3", .integer(9)), ("10-3-2", .integer(5)),
    ("100/5/2", .integer(10)), ("2-3*4/6+1", .integer(1)), ("-3+4", .integer(1)), ("3--4", .integer(7)),
    ("-(2+3)*4", .integer(-20)), ("- - -5", .integer(-5)), ("-2*-3", .integer(6)),
    ("((((1))))", .integer(1)), ("\"\"", .text("")), (#""a\"\\\nb""#, .text("a\"\\\nb")),
    (#""a" + "b" + "c""#, .text("abc")), (#""1+1""#, .text("1+1")), ("\"é\u{202E}\"", .text("é\u{202E}")),
  ]

  @Test(arguments: values)
  func `an expression has a value`(expression: String, value: CalculatorValue) throws {
    #expect(try Self.value(of: expression) == value)
  }

  @Test func `a minus keeps the sign of a zero`() throws {
    #expect("\(try Self.value(of: "-0.0"))" == "-0.0")
    #expect("\(try Self.value(of: "-(0.0 * 1)"))" == "-0.0")
  }

  @Test(arguments: [
    ("", 1, "expected a number, a text, '-' or '(', but the expression ends"),
    ("  ", 3, "expected a number, a text, '-' or '(', but the expression ends"),
    ("1 +", 4, "expected a number, a text, '-' or '(', but the expression ends"),
    ("1 + * 2", 5, "expected a number, a text, '-' or '(', not '*'"),
    ("(1 + 2", 7, "expected an operator or ')', but the expression ends"),
    ("1 2", 3, "expected an operator, not '2'"),
    ("1)", 2, "expected an operator, not ')'"),
    ("\"é\" é", 5, "expected an operator, not 'é'"),
    ("1.", 3, "expected a digit, but the expression ends"),
    ("1e+", 4, "expected a digit of the exponent, but the expression ends"),
    ("0x10", 2, "expected an operator, not 'x'"),
    ("inf", 1, "expected a number, a text, '-' or '(', not 'i'"),
    ("1 + 1e999", 5, "the number is too large for a double"),
    ("1 + \"abc", 5, "unterminated text: expected '\"'"),
    (#""a\t""#, 3, #"expected \", \\ or \n, not '\'"#),
  ])
  func `or its column and what was expected`(expression: String, column: Int, message: String) {
    do {
      let plan = try ExpressionParser.plan(for: expression.utf8)
      Issue.record("\(plan)")
    } catch {
      #expect((error.column, error.message) == (column, message))
    }
  }

  @Test func `a million parentheses or signs are an error`() {
    for sign in ["(", "-", "-("] {
      let text = String(repeating: sign, count: 1_000_000)
      #expect(throws: ExpressionError.self) { try ExpressionParser.plan(for: text.utf8) }
    }
    let deep = ExpressionParser.deepest
    let text = String(repeating: "(", count: deep) + "1" + String(repeating: ")", count: deep)
    #expect(throws: Never.self) { try ExpressionParser.plan(for: text.utf8) }
  }

  @Test func `a hundred thousand operations are calculated without recursion`() throws {
    let text = Array(repeating: "1", count: 100_001).joined(separator: "+")
    #expect(try Self.value(of: text) == .integer(100_001))
  }

  @Test(arguments: [
    1, 0, -1, .leastNonzeroMagnitude, -0.0, 1e16, 1.7976931348623157e308, 0.1, 1e-7, 123_456_789.125,
  ])
  func `a double is printed so that it reads back as the same`(double: Double) throws {
    #expect(try Self.value(of: "\(CalculatorValue.double(double))") == .double(double))
  }
}
