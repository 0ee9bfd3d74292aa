// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Services
import Sockets

/// A session with the calculation service, fed with bytes.
struct CalculatorServiceSession {
  private var session: CalculatorService.Session
  /// All answers so far.
  private(set) var answers: [UInt8] = []
  /// Whether the service has ended the session.
  private(set) var isOver = false

  /// Starts a session.
  init(operandLimit: Int = CalculatorService.defaultOperandLimit) {
    session = CalculatorService(operandLimit: operandLimit).makeSession(for: .unnamed)
  }

  /// Sends bytes to the service in pieces, until it has ended the session.
  mutating func send(_ bytes: [UInt8], pieces: Int = .max) {
    var start = 0
    while start < bytes.count, !isOver {
      let end = start + min(pieces, bytes.count - start)
      var reply = Response()
      session.receive(bytes[start..<end].span, reply: &reply)
      take(reply)
      while session.hasBacklog {
        reply = Response()
        session.receive([UInt8]().span, reply: &reply)
        take(reply)
      }
      start = end
    }
  }

  private mutating func take(_ reply: Response) {
    var reply = reply
    reply.work?.perform()
    _ = reply.takeWork()
    answers += Self.bytes(of: reply)
    isOver = reply.endsSession
  }

  /// The bytes of a reply, which are all in memory.
  static func bytes(of reply: Response) -> [UInt8] {
    reply.parts.flatMap { part in if case .bytes(let bytes) = part { bytes } else { [UInt8]() } }
  }

  /// The service's answer with a failure message, on its own.
  static func failure(_ message: String) -> [UInt8] {
    var bytes: [UInt8] = []
    CalculatorResponse.failure(message).encode(into: &bytes)
    return bytes
  }

  /// A result as the service answers it.
  static func response(_ value: CalculatorValue) -> [UInt8] {
    var bytes: [UInt8] = []
    CalculatorResponse.result(value).encode(into: &bytes)
    return bytes
  }

  /// A request in wire format.
  static func request(
    _ operation: CalculatorOperation, _ left: CalculatorValue, _ right: CalculatorValue
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    CalculatorRequest.calculate(operation, left, right).encode(into: &bytes)
    return bytes
  }
}
