// SPDX-License-Identifier: GPL-3.0-or-later

package import Services
package import Sockets
import Text

/// The calculation service: each client sends operations with their operands, and receives results in the same order.
package struct CalculatorService: StreamService {
  /// The default maximum length of an operand, in bytes.
  package static let defaultOperandLimit = 64 << 10

  private let operandLimit: Int

  /// - Parameter operandLimit: The maximum length of an operand's payload in bytes, at least the 8 of a double; a
  ///   result may be longer.
  package init(operandLimit: Int = defaultOperandLimit) {
    precondition(operandLimit >= OperandType.wordSize, "a double is an operand too")
    self.operandLimit = operandLimit
  }

  /// Starts a session.
  package func makeSession(for client: Address) -> Session { Session(operandLimit: operandLimit) }

  /// One client's session.
  package final class Session: ServiceSession {
    private var requests: CalculatorRequest.Decoder
    private var backlog: [UInt8] = []
    private var isOver = false

    fileprivate init(operandLimit: Int) { requests = CalculatorRequest.Decoder(operandLimit: operandLimit) }

    /// Whether requests wait for a long calculation before them.
    package var hasBacklog: Bool { !backlog.isEmpty }

    /// Answers every complete request; a protocol violation ends the session.
    package func receive(_ bytes: Span<UInt8>, reply: inout Response) {
      guard hasBacklog else { return process(bytes, reply: &reply) }
      backlog.append(copying: bytes)
      let pending = backlog
      backlog = []
      process(pending.span, reply: &reply)
    }

    private func process(_ bytes: Span<UInt8>, reply: inout Response) {
      var index = 0
      var answers: [UInt8] = []
      var work: LongWork?
      do throws(CalculatorProtocolError) {
        while !isOver, work == nil, let request = try requests.next(in: bytes, at: &index) {
          switch request {
          case .end: isOver = true
          case .calculate(let operation, let left, let right):
            guard operation.takesLong(left, right) else {
              Self.answer(operation, left, right).encode(into: &answers)
              continue
            }
            work = LongWork {
              var answer: [UInt8] = []
              Self.answer(operation, left, right).encode(into: &answer)
              return [.bytes(answer)]
            }
          }
        }
      } catch {
        CalculatorResponse.failure("\(error)").encode(into: &answers)
        isOver = true
      }
      reply.append(answers)
      if let work {
        reply.append(work)
        backlog = unsafe bytes.extracting(index...).withUnsafeBufferPointer { unsafe Array($0) }
      }
      if isOver { reply.endSession() }
    }

    private static func answer(
      _ operation: CalculatorOperation, _ left: CalculatorValue, _ right: CalculatorValue
    ) -> CalculatorResponse {
      do throws(CalculationError) { return .result(try operation(left, right)) } catch {
        return .failure("\(error)")
      }
    }
  }
}
