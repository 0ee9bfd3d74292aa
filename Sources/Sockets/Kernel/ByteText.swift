// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// A lossless conversion of bytes in no particular encoding to a `String` and back.
///
/// Linux passes arguments and file names as bytes; the command-line parser takes them as text. A byte that is not part
/// of a UTF-8 sequence becomes one of the private-use scalars U+10FE80 to U+10FEFF. The encoding of one of these
/// scalars itself becomes four of them, so that every sequence of bytes has a unique text.
package enum ByteText {
  private static let base: UInt32 = 0x10_FE00
  /// The first byte of the UTF-8 encoding of every scalar from U+10FE80 to U+10FEFF.
  private static let lead: UInt8 = 0xF4

  /// The text that represents some bytes; the plain text if they are UTF-8.
  package static func text(of bytes: some Collection<UInt8>) -> String {
    // An array, since the compiler makes fast code only for a known type.
    let bytes = Array(bytes)
    if let plain = String(validating: bytes, as: UTF8.self), isText(plain) { return plain }
    return escaped(bytes)
  }

  /// The text of bytes, some of which are represented by other scalars. It takes one pass.
  private static func escaped(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    var parser = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
      let length: Int
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded) where byte(of: UTF8.decode(encoded)) == nil:
        text += encoded
        position += encoded.count
        continue
      case .valid(let encoded): length = encoded.count
      case .error(let count): length = count
      case .emptyInput: return String(decoding: text, as: UTF8.self)
      }
      for byte in bytes[position..<position + length] { text += UTF8.encode(scalar(of: byte)) ?? .init() }
      position += length
    }
  }

  /// The text that represents the bytes of a C string.
  package static func text(of string: UnsafePointer<CChar>) -> String {
    unsafe text(of: UnsafeRawBufferPointer(start: string, count: strlen(string)))
  }

  /// The bytes that a text represents.
  package static func bytes(of text: String) -> [UInt8] {
    let plain = Array(text.utf8)
    guard plain.contains(lead) else { return plain }
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let byte = byte(of: scalar) { result.append(byte) } else { result += UTF8.encode(scalar) ?? .init() }
    }
    return result
  }

  /// The bytes that a text represents, with the terminating zero byte that C expects.
  package static func terminated(_ text: String) -> [CChar] {
    bytes(of: text).map { CChar(bitPattern: $0) } + [0]
  }

  /// Whether a text contains no byte that is not UTF-8.
  package static func isText(_ text: String) -> Bool {
    !text.utf8.contains(lead) || !text.unicodeScalars.contains { byte(of: $0) != nil }
  }

  /// The byte that a scalar represents; `nil` if the scalar represents itself.
  package static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    (base + 0x80...base + 0xFF).contains(scalar.value) ? UInt8(scalar.value - base) : nil
  }

  private static func scalar(of byte: UInt8) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(base + UInt32(byte)) else {
      preconditionFailure("all of these are scalars")
    }
    return scalar
  }

  /// The length in bytes of the UTF-8 sequence that begins with a given byte (RFC 3629, section 3).
  package static func sequenceLength(_ lead: UInt8) -> Int {
    switch lead {
    case 0xC0..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0...: 4
    default: 1
    }
  }
}
