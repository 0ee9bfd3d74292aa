// SPDX-License-Identifier: GPL-3.0-or-later

/// A violation of the calculation protocol; the bytes after it cannot be interpreted.
package enum CalculatorProtocolError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A request with an unknown opcode.
  case unknownOpcode(UInt8)
  /// A response with a status that is neither success nor failure.
  case unknownStatus(UInt8)
  /// An operand of an unknown type.
  case unknownType(UInt8)
  /// A double of a length other than 8 bytes, or an integer of length zero.
  case badLength(Int, of: OperandType)
  /// An operand that exceeds the limit.
  case tooLong(Int, limit: Int)
  /// Text that is not UTF-8.
  case notUTF8
  /// A failure message that is not text.
  case messageIsNoText
  /// A result of a type that its operation cannot have, a result that is not finite, or a result where there can be
  /// none.
  case impossibleResult(of: CalculatorOperation)
  /// A response without a request.
  case notAsked

  /// The violation, in the server's words.
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
    case .impossibleResult(let operation): "a result that \(operation) cannot have for these operands"
    case .notAsked: "an answer without a request"
    }
  }
}
