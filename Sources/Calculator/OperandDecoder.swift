// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Puts one operand after another together from bytes that arrive in any pieces.
///
/// What is held is at most one operand that is allowed: its length is checked before any of its payload is taken in.
struct OperandDecoder {
  private static let headerLength = 5
  /// Room that is kept for the next operand; more is given back.
  private static let keptCapacity = 512

  private var header: (type: OperandType, length: Int)?
  private var buffer: [UInt8] = []

  /// Takes in bytes from `index` on, which moves behind what was taken in.
  ///
  /// - Parameter limit: The most bytes that a payload may have.
  /// - Returns: The operand, once it is complete; `nil` if that takes more bytes.
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

  /// - Returns: Whether the buffer has as many bytes as asked for.
  private mutating func fill(to count: Int, from bytes: Span<UInt8>, at index: inout Int) -> Bool {
    let end = min(bytes.count, index + count - buffer.count)
    buffer.append(copying: bytes.extracting(index..<end))
    index = end
    return buffer.count == count
  }
}
