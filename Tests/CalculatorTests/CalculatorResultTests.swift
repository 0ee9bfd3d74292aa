// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Testing

/// The results that a client accepts as possible.
struct CalculatorResultTests {
  private static let huge = BigInteger(1) << 4000

  /// The outcome of an expression of one step when the server answers with a given result.
  private static func outcome(
    of expression: String, answered result: CalculatorValue
  ) throws -> CalculatorExchange.Outcome? {
    var exchange = CalculatorExchange()
    exchange.submit(try ExpressionParser.plan(for: expression.utf8), label: 1)
    var bytes: [UInt8] = []
    CalculatorResponse.result(result).encode(into: &bytes)
    try exchange.receive(bytes.span)
    return exchange.next()?.outcome
  }

  @Test(arguments: [
    ("1 + 2", CalculatorValue.integer(3)), ("1 - 2", .integer(-1)), ("3 * 4", .integer(12)),
    ("6 / 3", .integer(2)), ("1 / 4", .double(0.25)), ("\(huge) / 3", .double(.greatestFiniteMagnitude)),
    ("1.5 + 2", .double(3.5)), ("1 - 2.5", .double(-1.5)), ("1.5 * 2.0", .double(3)), ("1 / 0.5", .double(2)),
    ("0.0 * -1", .double(-0.0)), (#""né" + "e""#, .text("née")), (#""" + """#, .text("")),
  ])
  func `a possible result is taken`(expression: String, result: CalculatorValue) throws {
    #expect(try Self.outcome(of: expression, answered: result) == .result(result))
  }

  @Test(arguments: ["1 + 2", "1 - 2", "3 * 4"])
  func `two integers have an integer`(expression: String) throws {
    for result in [CalculatorValue.double(3), .text("3"), .text("")] {
      #expect(throws: CalculatorProtocolError.self) {
        _ = try Self.outcome(of: expression, answered: result)
      }
    }
  }

  @Test(arguments: ["1 / 4", "6 / 3"])
  func `a quotient of integers is an integer or a finite double`(expression: String) throws {
    for result in [CalculatorValue.double(.infinity), .double(.nan), .text("2")] {
      #expect(throws: CalculatorProtocolError.self) {
        _ = try Self.outcome(of: expression, answered: result)
      }
    }
  }

  @Test(arguments: ["+", "-", "*", "/"])
  func `where there is a double, the result is a finite one`(sign: String) throws {
    for expression in ["1.5 \(sign) 2", "1 \(sign) 2.5", "1.5 \(sign) 2.5"] {
      for result in [
        CalculatorValue.integer(3), .double(.infinity), .double(-.infinity), .double(.nan), .text("3"),
      ] {
        #expect(throws: CalculatorProtocolError.self) {
          _ = try Self.outcome(of: expression, answered: result)
        }
      }
    }
  }

  @Test(arguments: ["1 / 0", "1 / 0.0", "1.5 / 0", "1.5 / -0.0"])
  func `a division by zero has no result`(expression: String) throws {
    for result in [CalculatorValue.integer(0), .double(0), .double(.infinity)] {
      #expect(throws: CalculatorProtocolError.self) {
        _ = try Self.outcome(of: expression, answered: result)
      }
    }
  }

  @Test func `two texts have a text of their length together`() throws {
    for result in [
      CalculatorValue.text("né"), .text("néé"), .text(""), .integer(3), .double(3),
    ] {
      #expect(throws: CalculatorProtocolError.self) {
        _ = try Self.outcome(of: #""né" + "e""#, answered: result)
      }
    }
  }

  @Test(arguments: [#""a" - "b""#, #""a" * "b""#, #""a" / "b""#, #""a" + 1"#, #"1.5 + "a""#, #""a" * 2"#])
  func `text in arithmetic has no result`(expression: String) throws {
    for result in [CalculatorValue.integer(3), .double(3), .text("ab")] {
      #expect(throws: CalculatorProtocolError.self) {
        _ = try Self.outcome(of: expression, answered: result)
      }
    }
  }

  @Test func `a result is looked at even where nobody needs it any more`() throws {
    var exchange = CalculatorExchange()
    exchange.submit(try ExpressionParser.plan(for: "(1/0)*(2+3)".utf8), label: 1)
    var bytes: [UInt8] = []
    CalculatorResponse.failure("division by zero").encode(into: &bytes)
    try exchange.receive(bytes.span)
    #expect(exchange.next()?.outcome == .failure("division by zero"))
    bytes = []
    CalculatorResponse.result(.text("five")).encode(into: &bytes)
    #expect(throws: CalculatorProtocolError.self) { try exchange.receive(bytes.span) }
  }
}
