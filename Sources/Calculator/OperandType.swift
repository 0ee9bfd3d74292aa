// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The type of an operand on the wire; the raw value is its byte.
package enum OperandType: UInt8, CaseIterable, Sendable {
  /// A two's complement integer in network byte order, `i`.
  case integer = 0x69
  /// An IEEE 754 binary64 in network byte order, `d`.
  case double = 0x64
  /// UTF-8, `s`.
  case text = 0x73

  /// The length of a double in bytes, and the minimum length of an integer that is sent.
  static let wordSize = 8

  /// Throws if no operand of the type has a given length.
  func check(_ length: Int, limit: Int) throws(CalculatorProtocolError) {
    switch self {
    case .double where length != Self.wordSize: throw .badLength(length, of: self)
    case .integer where length == 0: throw .badLength(length, of: self)
    default: if length > limit { throw .tooLong(length, limit: limit) }
    }
  }

  /// Decodes a payload whose length has been checked.
  func value(of payload: Span<UInt8>) throws(CalculatorProtocolError) -> CalculatorValue {
    switch self {
    case .integer: return .integer(BigInteger(twosComplement: payload))
    case .double:
      return .double(Double(bitPattern: (0..<Self.wordSize).reduce(0) { $0 << 8 | UInt64(payload[$1]) }))
    case .text:
      guard let text = TerminalSafe.text(utf8: payload) else { throw .notUTF8 }
      return .text(text)
    }
  }
}

/// A value of the calculator.
package enum CalculatorValue: Equatable, Sendable {
  /// A whole number of any size, always exact.
  case integer(BigInteger)
  /// A finite number in IEEE 754 binary64.
  case double(Double)
  /// Text, which can only be concatenated.
  case text(String)
}

extension CalculatorValue: CustomStringConvertible {
  /// The displayed value: a double as the shortest number that reads back as the same one, a text as itself.
  package var description: String {
    switch self {
    case .integer(let integer): "\(integer)"
    case .double(let double): "\(double)"
    case .text(let text): text
    }
  }
}
