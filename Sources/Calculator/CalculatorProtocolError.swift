// SPDX-License-Identifier: GPL-3.0-or-later

/// Bytes that the calculation protocol does not allow; nothing behind them can be made sense of.
package enum CalculatorProtocolError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A request begins with none of the opcodes.
  case unknownOpcode(UInt8)
  /// A response begins with neither success nor failure.
  case unknownStatus(UInt8)
  /// An operand is of none of the types.
  case unknownType(UInt8)
  /// A double of other than 8 bytes, or an integer of none.
  case badLength(Int, of: OperandType)
  /// An operand that is longer than it may be.
  case tooLong(Int, limit: Int)
  /// Text that is not UTF-8.
  case notUTF8
  /// A failure whose message is not text.
  case messageIsNoText
  /// A result of a type that its operation does not have, not finite, or where there can be none.
  case impossibleResult(of: CalculatorOperation)
  /// A response without a request.
  case notAsked

  /// What is wrong, as the server words it.
  package var description: String {
    switch self {
    case .unknownOpcode(let byte): "unknown opcode \(byte)"
    case .unknownStatus(let byte): "unknown status \(byte)"
    case .unknownType(let byte): "unknown operand type \(byte)"
    case .badLength(let length, .double): "bad length: a double has 8 bytes, not \(length)"
    case .badLength(let length, _): "bad length: an integer has at least 1 byte, not \(length)"
    case .tooLong(let length, let limit): "an operand of \(length) bytes is over the limit of \(limit)"
    case .notUTF8: "text that is not UTF-8"
    case .messageIsNoText: "an error message that is not text"
    case .impossibleResult(let operation): "a result that \(operation) cannot have of these operands"
    case .notAsked: "an answer to no request"
    }
  }
}
