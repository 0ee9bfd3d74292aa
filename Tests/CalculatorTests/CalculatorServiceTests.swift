// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Services
import Sockets
import Testing

struct CalculatorServiceTests {
  private static func header(_ type: Character, _ length: UInt32) -> [UInt8] {
    [type.asciiValue ?? 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
  }

  private static let one = header("i", 1) + [1]

  /// Pipelined requests of every kind, with the expected responses.
  private static let pipelined: (requests: [UInt8], responses: [UInt8]) = {
    let long = CalculatorValue.text(String(repeating: "é", count: 60))
    let questions: [(CalculatorOperation, CalculatorValue, CalculatorValue)] = [
      (.add, .integer(3), .integer(4)), (.divide, .integer(1), .integer(0)),
      (.concatenate, long, .text("")), (.multiply, .integer(1 << 70), .integer(-1 << 70)),
      (.concatenate, .text(""), .text("")), (.subtract, .double(2.5), .integer(2)),
    ]
    var bytes = (requests: [UInt8](), responses: [UInt8]())
    for (operation, left, right) in questions {
      bytes.requests += CalculatorServiceSession.request(operation, left, right)
      let response: CalculatorResponse
      do throws(CalculationError) { response = .result(try operation(left, right)) } catch {
        response = .failure("\(error)")
      }
      response.encode(into: &bytes.responses)
    }
    return (bytes.requests + [0], bytes.responses)
  }()

  @Test func `requests are answered in order, in whatever pieces they arrive`() {
    let (requests, responses) = Self.pipelined
    for pieces in 1...requests.count {
      var session = CalculatorServiceSession()
      session.send(requests, pieces: pieces)
      #expect(session.answers == responses, "in pieces of \(pieces)")
      #expect(session.isOver)
    }
  }

  @Test func `a session cut in two anywhere is answered as a whole one`() {
    let (requests, responses) = Self.pipelined
    for cut in requests.indices {
      var session = CalculatorServiceSession()
      session.send(Array(requests[..<cut]))
      session.send(Array(requests[cut...]))
      #expect(session.answers == responses, "cut at \(cut)")
    }
  }

  @Test func `an answer does not wait for what follows its request`() {
    var session = CalculatorServiceSession()
    session.send([1] + Self.one + Self.one + [1])
    #expect(session.answers == [0] + Self.header("i", 8) + [0, 0, 0, 0, 0, 0, 0, 2])
    #expect(!session.isOver)
  }

  @Test(arguments: [
    ([9], "unknown opcode 9"),
    ([0xFF], "unknown opcode 255"),
    ([1] + header("x", 4), "unknown operand type 120"),
    ([1] + header("i", 0), "bad length: an integer has at least 1 byte, not 0"),
    ([1] + header("d", 7), "bad length: a double has 8 bytes, not 7"),
    ([1] + header("d", 1 << 31), "bad length: a double has 8 bytes, not 2147483648"),
    ([1] + header("s", 65_537), "an operand of 65537 bytes is over the limit of 65536"),
    ([1] + header("i", .max), "an operand of 4294967295 bytes is over the limit of 65536"),
    ([1] + one + header("s", .max), "an operand of 4294967295 bytes is over the limit of 65536"),
    ([3] + header("s", 2) + [0x61, 0xFF], "text that is not UTF-8"),
    ([3] + header("s", 3) + [0xED, 0xA0, 0x80], "text that is not UTF-8"),
  ])
  func `what the protocol does not allow is answered at its header and ends the session`(
    bytes: [UInt8], message: String
  ) {
    for pieces in [1, bytes.count] {
      var session = CalculatorServiceSession()
      session.send([1] + Self.one + Self.one + bytes, pieces: pieces)
      let sum = [0] + Self.header("i", 8) + [0, 0, 0, 0, 0, 0, 0, 2]
      #expect(session.answers == sum + CalculatorServiceSession.failure(message))
      #expect(session.isOver)
    }
  }

  @Test func `an opcode is refused before anything else comes, a half frame is waited for`() {
    var session = CalculatorServiceSession()
    session.send(Array(([1] + Self.one + Self.one).dropLast()))
    #expect(session.answers.isEmpty)
    #expect(!session.isOver)
  }

  @Test func `nothing behind the end of the session is looked at`() {
    var session = CalculatorServiceSession()
    session.send([0, 9, 9, 9])
    #expect(session.answers.isEmpty)
    #expect(session.isOver)
  }

  @Test func `a result may be longer than an operand`() {
    var session = CalculatorServiceSession(operandLimit: 8)
    let text = CalculatorValue.text("12345678")
    session.send(CalculatorServiceSession.request(.concatenate, text, text))
    session.send(CalculatorServiceSession.request(.multiply, .integer(1 << 62), .integer(1 << 62)))
    var expected: [UInt8] = []
    CalculatorResponse.result(.text("1234567812345678")).encode(into: &expected)
    CalculatorResponse.result(.integer(1 << 124)).encode(into: &expected)
    #expect(session.answers == expected)
    #expect(!session.isOver)
  }

  @Test func `a long calculation is left to others, and what follows it waits`() {
    let (huge, one) = (CalculatorValue.integer(1 << (8 * 60_000)), CalculatorValue.integer(1))
    let service = CalculatorService()
    let session = service.makeSession(for: .unnamed)
    let requests =
      CalculatorServiceSession.request(.add, one, one)
      + CalculatorServiceSession.request(.multiply, huge, huge)
      + CalculatorServiceSession.request(.add, one, one) + [0]
    func sum() -> [UInt8] { CalculatorServiceSession.response(.integer(2)) }
    var reply = Response()
    session.receive(requests.span, reply: &reply)
    #expect(CalculatorServiceSession.bytes(of: reply) == sum() && !reply.endsSession && session.hasBacklog)
    let wasDoneAlready = reply.takeWork()
    reply.work?.perform()
    let isDone = reply.takeWork()
    #expect(!wasDoneAlready && isDone && reply.work == nil)
    #expect(
      CalculatorServiceSession.bytes(of: reply)
        == sum() + CalculatorServiceSession.response(.integer(1 << (16 * 60_000))))
    reply = Response()
    session.receive([UInt8]().span, reply: &reply)
    #expect(CalculatorServiceSession.bytes(of: reply) == sum() && !session.hasBacklog && reply.work == nil)
    #expect(reply.endsSession)
  }

  @Test func `short calculations are not left to others`() {
    let long = CalculatorValue.integer(1 << (8 * 60_000))
    let text = CalculatorValue.text(String(repeating: "x", count: 60_000))
    for (operation, left, right) in [
      (CalculatorOperation.add, long, long), (.subtract, long, long), (.multiply, long, .integer(3)),
      (.divide, long, .integer(3)), (.divide, long, long), (.divide, .integer(3), long),
      (.add, long, .double(1)), (.concatenate, text, text), (.multiply, .integer(1), .integer(1)),
    ] {
      #expect(!operation.takesLong(left, right), "\(operation)")
    }
    for operation in [CalculatorOperation.multiply, .divide] {
      #expect(operation.takesLong(long, .integer(1 << (8 * 30_000))))
    }
  }
}
