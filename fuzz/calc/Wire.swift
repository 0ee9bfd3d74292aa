// SPDX-License-Identifier: GPL-3.0-or-later

/// An operand as it goes over the wire.
struct WireOperand {
  /// What an operand may be; the raw value is its byte.
  enum Kind: UInt8 {
    case integer = 0x69
    case double = 0x64
    case text = 0x73
  }

  /// What it is.
  let kind: Kind
  /// What follows type and length.
  let payload: [UInt8]

  /// The payload as a double.
  var double: Double { Double(bitPattern: payload.reduce(0) { $0 << 8 | UInt64($1) }) }
}

/// One request other than the one that ends the session.
struct WireRequest {
  /// The first byte.
  let opcode: UInt8
  /// The first operand.
  let left: WireOperand
  /// The second operand.
  let right: WireOperand
}

/// One response.
struct WireResponse {
  /// Whether it is a result, and not a message about why there is none.
  let isResult: Bool
  /// The result or the message.
  let operand: WireOperand
}

/// Reads docs/calc-protocol.md the plain way, out of bytes that are all there: none of the code that is tested is
/// used for it.
struct WireReader {
  /// Why there is no frame.
  enum Fault: Error {
    /// The bytes end before it does.
    case incomplete
    /// It begins with the byte that ends the session.
    case end
    /// The protocol does not allow it.
    case malformed
  }

  private var rest: ArraySlice<UInt8>
  private let operandLimit: Int

  /// Begins at the front; no operand may have a longer payload than the limit says.
  init(_ bytes: [UInt8], operandLimit: Int) {
    rest = bytes[...]
    self.operandLimit = operandLimit
  }

  /// Whether nothing is left.
  var isAtEnd: Bool { rest.isEmpty }

  /// Reads the next request.
  mutating func request() throws(Fault) -> WireRequest {
    let opcode = try take(1)[0]
    if opcode == 0 { throw .end }
    guard opcode <= 5 else { throw .malformed }
    let left = try operand()
    return WireRequest(opcode: opcode, left: left, right: try operand())
  }

  /// Reads the next response.
  mutating func response() throws(Fault) -> WireResponse {
    let status = try take(1)[0]
    guard status <= 1 else { throw .malformed }
    let response = WireResponse(isResult: status == 0, operand: try operand())
    guard response.isResult || response.operand.kind == .text else { throw .malformed }
    return response
  }

  private mutating func operand() throws(Fault) -> WireOperand {
    guard let kind = WireOperand.Kind(rawValue: try take(1)[0]) else { throw .malformed }
    let length = try take(4).reduce(0) { $0 << 8 | Int($1) }
    guard length <= operandLimit else { throw .malformed }
    if kind == .integer, length == 0 { throw .malformed }
    if kind == .double, length != 8 { throw .malformed }
    let payload = try take(length)
    if kind == .text, !UTF8Table.isValid(payload) { throw .malformed }
    return WireOperand(kind: kind, payload: payload)
  }

  private mutating func take(_ count: Int) throws(Fault) -> [UInt8] {
    guard rest.count >= count else { throw .incomplete }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}

/// The table of well-formed byte sequences (RFC 3629, section 4).
enum UTF8Table {
  /// Whether bytes are UTF-8.
  static func isValid(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while let first = rest.popFirst() {
      guard let (count, second) = followers(first) else { return false }
      if count == 0 { continue }
      guard let byte = rest.first, second.contains(byte), rest.count >= count,
        rest.prefix(count).dropFirst().allSatisfy({ (0x80...0xBF).contains($0) })
      else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// How many bytes follow the first one, and what the second may be.
  private static func followers(_ first: UInt8) -> (count: Int, second: ClosedRange<UInt8>)? {
    switch first {
    case 0x00...0x7F: (0, 0x80...0xBF)
    case 0xC2...0xDF: (1, 0x80...0xBF)
    case 0xE0: (2, 0xA0...0xBF)
    case 0xED: (2, 0x80...0x9F)
    case 0xE1...0xEF: (2, 0x80...0xBF)
    case 0xF0: (3, 0x90...0xBF)
    case 0xF1...0xF3: (3, 0x80...0xBF)
    case 0xF4: (3, 0x80...0x8F)
    default: nil
    }
  }
}
