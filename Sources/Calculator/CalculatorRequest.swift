// SPDX-License-Identifier: GPL-3.0-or-later

/// A request of a client.
package enum CalculatorRequest: Equatable, Sendable {
  /// The session is over: the server closes.
  case end
  /// An operation on two operands.
  case calculate(CalculatorOperation, CalculatorValue, CalculatorValue)

  private static let endOpcode: UInt8 = 0

  /// Appends the request in wire format.
  package func encode(into bytes: inout [UInt8]) {
    switch self {
    case .end: bytes.append(Self.endOpcode)
    case .calculate(let operation, let left, let right):
      bytes.append(operation.rawValue)
      left.encode(into: &bytes)
      right.encode(into: &bytes)
    }
  }

  /// Decodes requests from bytes that arrive in pieces of any size.
  package struct Decoder {
    private let operandLimit: Int
    private var operation: CalculatorOperation?
    private var left: CalculatorValue?
    private var operand = OperandDecoder()

    /// - Parameter operandLimit: The maximum length of an operand's payload, in bytes.
    package init(operandLimit: Int) { self.operandLimit = operandLimit }

    /// Reads bytes from `index` on, and advances `index`.
    ///
    /// - Returns: The next request; `nil` if all bytes were read and it is incomplete.
    /// - Throws: A protocol violation, as early as possible: the rest cannot be read.
    package mutating func next(
      in bytes: Span<UInt8>, at index: inout Int
    ) throws(CalculatorProtocolError) -> CalculatorRequest? {
      while index < bytes.count {
        guard let operation else {
          let opcode = bytes[index]
          index += 1
          if opcode == CalculatorRequest.endOpcode { return .end }
          self.operation = CalculatorOperation(rawValue: opcode)
          if self.operation == nil { throw .unknownOpcode(opcode) }
          continue
        }
        guard let value = try operand.next(in: bytes, at: &index, limit: operandLimit) else { return nil }
        guard let left else {
          self.left = value
          continue
        }
        (self.operation, self.left) = (nil, nil)
        return .calculate(operation, left, value)
      }
      return nil
    }
  }
}
