// SPDX-License-Identifier: GPL-3.0-or-later

extension CalculatorValue {
  /// Appends the value as an operand: type, length and payload, an integer in as few bytes as possible, but at least 8.
  func encode(into bytes: inout [UInt8]) {
    switch self {
    case .integer(let integer): Self.append(.integer, integer.twosComplement, to: &bytes)
    case .double(let double): Self.append(.double, Self.bigEndian(UInt(double.bitPattern)), to: &bytes)
    case .text(let text): Self.append(.text, text.utf8, to: &bytes)
    }
  }

  /// The maximum length of the payload in bytes, without type and length.
  var payloadLength: Int {
    switch self {
    // The sign takes one bit.
    case .integer(let integer): max(OperandType.wordSize, integer.magnitude.bitWidth / 8 + 1)
    case .double: OperandType.wordSize
    case .text(let text): text.utf8.count
    }
  }

  private static func append(
    _ type: OperandType, _ payload: some Collection<UInt8>, to bytes: inout [UInt8]
  ) {
    bytes.append(type.rawValue)
    let length = UInt32(payload.count)
    bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) }
    bytes += payload
  }

  private static func bigEndian(_ word: UInt) -> [UInt8] {
    stride(from: UInt.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
  }
}
