// SPDX-License-Identifier: GPL-3.0-or-later

/// A value in DER (X.690), with the tags below 31 that certificates have.
struct DER {
  /// The class, whether it has others in it, and the number.
  let tag: UInt8
  let content: ArraySlice<UInt8>
  /// All of its bytes.
  let encoded: ArraySlice<UInt8>

  static let boolean: UInt8 = 0x01
  static let integer: UInt8 = 0x02
  static let bits: UInt8 = 0x03
  static let octets: UInt8 = 0x04
  static let object: UInt8 = 0x06
  static let enumerated: UInt8 = 0x0A
  static let shortTime: UInt8 = 0x17
  static let time: UInt8 = 0x18
  static let sequence: UInt8 = 0x30

  /// Reads the value that these bytes are; `nil` if they are none, or more.
  init?(whole bytes: ArraySlice<UInt8>) {
    var rest = bytes
    self.init(&rest)
    guard rest.isEmpty else { return nil }
  }

  /// Takes a value off the front of bytes; `nil` if there is none.
  private init?(_ bytes: inout ArraySlice<UInt8>) {
    let head = Array(bytes.prefix(6))
    guard head.count >= 2, head[0] & 0x1F != 0x1F else { return nil }
    var (count, size) = (Int(head[1]), 2)
    if count >= 0x80 {
      size += count - 0x80
      // At most four bytes, none too many, and no length without an end.
      guard (3...6).contains(size), head.count >= size else { return nil }
      count = head[2..<size].reduce(0) { $0 << 8 | Int($1) }
      guard count >= 0x80, size == 3 || count >> (8 * (size - 3)) > 0 else { return nil }
    }
    guard bytes.count - size >= count else { return nil }
    tag = head[0]
    encoded = bytes.prefix(size + count)
    content = encoded.dropFirst(size)
    bytes = bytes.dropFirst(size + count)
    guard isMinimal else { return nil }
  }

  /// Whether a number has no more bytes than it needs, and a string of bits has zeros behind its end.
  private var isMinimal: Bool {
    let bytes = Array(content.prefix(2))
    switch tag {
    case Self.integer, Self.enumerated:
      return bytes.count == 1
        || bytes.count == 2 && !(bytes[0] == 0 && bytes[1] < 0x80) && !(bytes[0] == 0xFF && bytes[1] >= 0x80)
    case Self.bits:
      guard let unused = bytes.first, unused < 8, let last = content.last else { return false }
      return content.count == 1 ? unused == 0 : last & (1 << unused - 1) == 0
    case Self.boolean: return content.count == 1 && (bytes[0] == 0 || bytes[0] == 0xFF)
    default: return true
    }
  }

  /// The values in it; `nil` if it is none with others in it.
  var parts: [DER]? {
    guard tag & 0x20 != 0 else { return nil }
    var (rest, parts) = (content, [DER]())
    while !rest.isEmpty {
      guard let part = DER(&rest) else { return nil }
      parts.append(part)
    }
    return parts
  }

  /// The values in it if it has one tag; `nil` otherwise.
  func parts(of tag: UInt8) -> [DER]? { self.tag == tag ? parts : nil }

  /// Whether all values in it, on all levels, can be read.
  var isStrict: Bool { tag & 0x20 == 0 || parts?.allSatisfy(\.isStrict) == true }
}

extension [DER] {
  /// Takes off the first value if it has one of these tags.
  mutating func take(_ tags: UInt8...) -> DER? {
    guard let first, tags.contains(first.tag) else { return nil }
    removeFirst()
    return first
  }
}
