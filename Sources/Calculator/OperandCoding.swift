// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Decodes operands from bytes that arrive in pieces of any size.
///
/// It stores at most one valid operand: the length is checked before any of the payload is stored.
struct OperandDecoder {
  private static let headerLength = 5
  /// The capacity that is kept for the next operand; more is released.
  private static let keptCapacity = 512

  private var header: (type: OperandType, length: Int)?
  private var buffer: [UInt8] = []

  /// Reads bytes from `index` on, and advances `index`.
  ///
  /// - Parameter limit: The maximum length of a payload, in bytes.
  /// - Returns: The operand, once it is complete; `nil` if more bytes are needed.
  mutating func next(
    in bytes: Span<UInt8>, at index: inout Int, limit: Int
  ) throws(CalculatorProtocolError) -> CalculatorValue? {
    if header == nil {
      let isHeaderWhole = fill(to: Self.headerLength, from: bytes, at: &index)
      guard let first = buffer.first else { return nil }
      guard let type = OperandType(rawValue: first) else { throw .unknownType(first) }
      guard isHeaderWhole else { return nil }
      let length = buffer[1...].reduce(0) { $0 << 8 | Int($1) }
      try type.check(length, limit: limit)
      header = (type, length)
      buffer.removeAll(keepingCapacity: true)
    }
    guard let (type, length) = header, fill(to: length, from: bytes, at: &index) else { return nil }
    let value = try type.value(of: buffer.span)
    header = nil
    buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
    return value
  }

  /// - Returns: Whether the buffer holds the requested number of bytes.
  private mutating func fill(to count: Int, from bytes: Span<UInt8>, at index: inout Int) -> Bool {
    let end = min(bytes.count, index + count - buffer.count)
    buffer.append(copying: bytes.extracting(index..<end))
    index = end
    return buffer.count == count
  }
}

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
