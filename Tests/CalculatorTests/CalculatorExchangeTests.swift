// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Testing

struct CalculatorExchangeTests {
  private static func submit(_ expressions: String..., to exchange: inout CalculatorExchange) throws {
    for (index, expression) in expressions.enumerated() {
      exchange.submit(try ExpressionParser.plan(for: expression.utf8), label: index + 1)
    }
  }

  private static func answer(_ responses: CalculatorResponse..., to exchange: inout CalculatorExchange) throws
  {
    var bytes: [UInt8] = []
    for response in responses { response.encode(into: &bytes) }
    try exchange.receive(bytes.span)
  }

  @Test func `what does not depend on an answer is asked at once`() throws {
    var exchange = CalculatorExchange()
    try Self.submit("(1+2)*(3+4)", "5+6", to: &exchange)
    let sums = [(1, 2), (3, 4), (5, 6)].flatMap {
      CalculatorServiceSession.request(.add, .integer(BigInteger($0)), .integer(BigInteger($1)))
    }
    #expect(exchange.output == sums)
    exchange.sent(sums.count)
    try Self.answer(.result(.integer(3)), .result(.integer(7)), to: &exchange)
    #expect(exchange.output == CalculatorServiceSession.request(.multiply, .integer(3), .integer(7)))
  }

  @Test func `outcomes come in the order of the expressions`() throws {
    var exchange = CalculatorExchange()
    try Self.submit("1+2+3", "4+5", "6", to: &exchange)
    exchange.submit(failure: "no expression", label: 4)
    try Self.answer(.result(.integer(3)), .result(.integer(9)), to: &exchange)
    #expect(exchange.next() == nil)
    try Self.answer(.result(.integer(6)), to: &exchange)
    let outcomes = (1...4).map { _ in exchange.next() }
    #expect(outcomes.map { $0?.label } == [1, 2, 3, 4])
    #expect(
      outcomes.map { $0?.outcome } == [
        .result(.integer(6)), .result(.integer(9)), .result(.integer(6)), .failure("no expression"),
      ])
    #expect(exchange.next() == nil && exchange.count == 0)
  }

  @Test func `the first failure is the outcome, and later answers of the same expression are passed over`()
    throws
  {
    var exchange = CalculatorExchange()
    try Self.submit("(1/0)*(2/0)", "3+4", to: &exchange)
    try Self.answer(.failure("one"), to: &exchange)
    #expect(exchange.next()?.outcome == .failure("one"))
    try Self.answer(.failure("two"), .result(.integer(7)), to: &exchange)
    #expect(exchange.next()?.outcome == .result(.integer(7)))
  }

  @Test(arguments: [1, 5, 1000])
  func `what the answers mean does not depend on the pieces that they come in`(size: Int) throws {
    var exchange = CalculatorExchange()
    try Self.submit("(1+2)*3", to: &exchange)
    var answers: [UInt8] = []
    for number in [3, 9] { CalculatorResponse.result(.integer(BigInteger(number))).encode(into: &answers) }
    for start in stride(from: 0, to: answers.count, by: size) {
      let piece = Array(answers[start...].prefix(size))
      try exchange.receive(piece.span)
    }
    #expect(exchange.next()?.outcome == .result(.integer(9)))
  }

  @Test func `many steps do not pile up as requests`() throws {
    var exchange = CalculatorExchange()
    let text = Array(repeating: "(1*1)", count: 10_000).joined(separator: "+")
    exchange.submit(try ExpressionParser.plan(for: text.utf8), label: 1)
    #expect(exchange.output.count < 65 << 10)
    let count = exchange.output.count
    exchange.sent(count / 2)
    #expect(exchange.output.count < 65 << 10 && exchange.output.count > count / 2)
  }

  @Test func `an answer without a request breaks the protocol, and so does one too long for its request`()
    throws
  {
    var exchange = CalculatorExchange()
    #expect(throws: CalculatorProtocolError.notAsked) { try exchange.receive([0].span) }
    try Self.submit(#""ab"+"c""#, to: &exchange)
    #expect(throws: CalculatorProtocolError.tooLong(9, limit: 8)) {
      try exchange.receive([0, 0x73, 0, 0, 0, 9].span)
    }
  }
}
