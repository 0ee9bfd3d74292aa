// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Calculates for its clients: each sends operations with their operands, and gets results in the same order.
package struct CalculatorService: StreamService {
  /// The most bytes of an operand, unless told otherwise.
  package static let defaultOperandLimit = 64 << 10

  private let operandLimit: Int

  /// - Parameter operandLimit: The most bytes of an operand's payload, at least the 8 of a double; a result may be
  ///   longer.
  package init(operandLimit: Int = defaultOperandLimit) {
    precondition(operandLimit >= OperandType.wordSize, "a double is an operand too")
    self.operandLimit = operandLimit
  }

  /// Begins a conversation.
  package func begin(with client: Address) -> Session { Session(operandLimit: operandLimit) }

  /// One client's session.
  package struct Session: Conversation {
    private var requests: CalculatorRequest.Decoder
    private var isOver = false

    fileprivate init(operandLimit: Int) { requests = CalculatorRequest.Decoder(operandLimit: operandLimit) }

    /// Answers every request that is complete; one that the protocol does not allow ends the session.
    package mutating func receive(_ bytes: Span<UInt8>, reply: inout Reply) {
      var index = 0
      var answers: [UInt8] = []
      do throws(CalculatorProtocolError) {
        while !isOver, let request = try requests.next(in: bytes, at: &index) {
          switch request {
          case .end: isOver = true
          case .calculate(let operation, let left, let right):
            Self.answer(operation, left, right).encode(into: &answers)
          }
        }
      } catch {
        CalculatorResponse.failure("\(error)").encode(into: &answers)
        isOver = true
      }
      reply.append(answers)
      if isOver { reply.endConversation() }
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
