// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore
import Testing

struct CalculatorServiceTests {
  private static func header(_ type: Character, _ length: UInt32) -> [UInt8] {
    [type.asciiValue ?? 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
  }

  private static let one = header("i", 1) + [1]

  /// Requests of every kind one behind the other, with what is answered to them.
  private static let pipelined: (requests: [UInt8], responses: [UInt8]) = {
    let long = CalculatorValue.text(String(repeating: "é", count: 60))
    let questions: [(CalculatorOperation, CalculatorValue, CalculatorValue)] = [
      (.add, .integer(3), .integer(4)), (.divide, .integer(1), .integer(0)),
      (.concatenate, long, .text("")), (.multiply, .integer(1 << 70), .integer(-1 << 70)),
      (.concatenate, .text(""), .text("")), (.subtract, .double(2.5), .integer(2)),
    ]
    var bytes = (requests: [UInt8](), responses: [UInt8]())
    for (operation, left, right) in questions {
      bytes.requests += CalculatorConversation.request(operation, left, right)
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
      var conversation = CalculatorConversation()
      conversation.send(requests, pieces: pieces)
      #expect(conversation.answers == responses, "in pieces of \(pieces)")
      #expect(conversation.isOver)
    }
  }

  @Test func `a session cut in two anywhere is answered as a whole one`() {
    let (requests, responses) = Self.pipelined
    for cut in requests.indices {
      var conversation = CalculatorConversation()
      conversation.send(Array(requests[..<cut]))
      conversation.send(Array(requests[cut...]))
      #expect(conversation.answers == responses, "cut at \(cut)")
    }
  }

  @Test func `an answer does not wait for what follows its request`() {
    var conversation = CalculatorConversation()
    conversation.send([1] + Self.one + Self.one + [1])
    #expect(conversation.answers == [0] + Self.header("i", 8) + [0, 0, 0, 0, 0, 0, 0, 2])
    #expect(!conversation.isOver)
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
      var conversation = CalculatorConversation()
      conversation.send([1] + Self.one + Self.one + bytes, pieces: pieces)
      let sum = [0] + Self.header("i", 8) + [0, 0, 0, 0, 0, 0, 0, 2]
      #expect(conversation.answers == sum + CalculatorConversation.failure(message))
      #expect(conversation.isOver)
    }
  }

  @Test func `an opcode is refused before anything else comes, a half frame is waited for`() {
    var conversation = CalculatorConversation()
    conversation.send(Array(([1] + Self.one + Self.one).dropLast()))
    #expect(conversation.answers.isEmpty)
    #expect(!conversation.isOver)
  }

  @Test func `nothing behind the end of the session is looked at`() {
    var conversation = CalculatorConversation()
    conversation.send([0, 9, 9, 9])
    #expect(conversation.answers.isEmpty)
    #expect(conversation.isOver)
  }

  @Test func `a result may be longer than an operand`() {
    var conversation = CalculatorConversation(operandLimit: 8)
    let text = CalculatorValue.text("12345678")
    conversation.send(CalculatorConversation.request(.concatenate, text, text))
    conversation.send(CalculatorConversation.request(.multiply, .integer(1 << 62), .integer(1 << 62)))
    var expected: [UInt8] = []
    CalculatorResponse.result(.text("1234567812345678")).encode(into: &expected)
    CalculatorResponse.result(.integer(1 << 124)).encode(into: &expected)
    #expect(conversation.answers == expected)
    #expect(!conversation.isOver)
  }

  @Test func `a long calculation is left to others, and what follows it waits`() {
    let (huge, one) = (CalculatorValue.integer(1 << (8 * 60_000)), CalculatorValue.integer(1))
    let service = CalculatorService()
    var session = service.begin(with: .unnamed)
    let requests =
      CalculatorConversation.request(.add, one, one) + CalculatorConversation.request(.multiply, huge, huge)
      + CalculatorConversation.request(.add, one, one) + [0]
    func sum() -> [UInt8] { CalculatorConversation.response(.integer(2)) }
    var reply = Reply()
    session.receive(requests.span, reply: &reply)
    #expect(HTTPExchange.bytes(of: reply) == sum() && !reply.endsConversation && session.hasBacklog)
    let wasDoneAlready = reply.takeWork()
    reply.work?.perform()
    let isDone = reply.takeWork()
    #expect(!wasDoneAlready && isDone && reply.work == nil)
    #expect(
      HTTPExchange.bytes(of: reply)
        == sum() + CalculatorConversation.response(.integer(1 << (16 * 60_000))))
    reply = Reply()
    session.receive([UInt8]().span, reply: &reply)
    #expect(HTTPExchange.bytes(of: reply) == sum() && !session.hasBacklog && reply.work == nil)
    #expect(reply.endsConversation)
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
