// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Bytes in no particular encoding as a `String`, and back without a loss.
///
/// Linux takes arguments and file names for bytes, the parser of the command line takes them for text. A byte that is
/// part of no UTF-8 sequence becomes one of the private-use scalars U+10FE80 to U+10FEFF, and what encodes one of these
/// scalars itself becomes four of them, so that every sequence of bytes has a text of its own.
package enum ByteText {
  private static let base: UInt32 = 0x10_FE00
  /// How the UTF-8 encoding of every scalar from U+10FE80 to U+10FEFF begins.
  private static let lead: UInt8 = 0xF4

  /// The text that stands for some bytes; it is the plain one where they are UTF-8.
  package static func text(of bytes: some Collection<UInt8>) -> String {
    let plain = String(validating: bytes, as: UTF8.self)
    if let plain, !bytes.contains(lead) || !plain.unicodeScalars.contains(where: { byte(of: $0) != nil }) {
      return plain
    }
    var scalars = String.UnicodeScalarView()
    var rest = bytes[...]
    while let first = rest.first {
      let sequence = rest.prefix(sequenceLength(first))
      if let decoded = String(validating: sequence, as: UTF8.self)?.unicodeScalars,
        decoded.count == 1, let scalar = decoded.first, byte(of: scalar) == nil
      {
        scalars.append(scalar)
        rest = rest.dropFirst(sequence.count)
      } else {
        scalars.append(first < 0x80 ? Unicode.Scalar(first) : scalar(of: first))
        rest = rest.dropFirst()
      }
    }
    return String(scalars)
  }

  /// The text that stands for the bytes of a C string.
  package static func text(of string: UnsafePointer<CChar>) -> String {
    unsafe text(of: UnsafeRawBufferPointer(start: string, count: strlen(string)))
  }

  /// The bytes that a text stands for.
  package static func bytes(of text: String) -> [UInt8] {
    let plain = Array(text.utf8)
    guard plain.contains(lead) else { return plain }
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      if let byte = byte(of: scalar) { result.append(byte) } else { result += UTF8.encode(scalar) ?? .init() }
    }
    return result
  }

  /// The bytes that a text stands for, and the zero that C has at their end.
  package static func terminated(_ text: String) -> [CChar] {
    bytes(of: text).map { CChar(bitPattern: $0) } + [0]
  }

  /// Whether all of a text is text, and none of it a byte that is not UTF-8.
  package static func isText(_ text: String) -> Bool {
    !text.utf8.contains(lead) || !text.unicodeScalars.contains { byte(of: $0) != nil }
  }

  /// The byte that a scalar stands for; `nil` if it stands for itself.
  package static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    (base + 0x80...base + 0xFF).contains(scalar.value) ? UInt8(scalar.value - base) : nil
  }

  private static func scalar(of byte: UInt8) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(base + UInt32(byte)) else {
      preconditionFailure("all of these are scalars")
    }
    return scalar
  }

  /// How many bytes the UTF-8 sequence has that begins with a byte (RFC 3629, section 3).
  package static func sequenceLength(_ lead: UInt8) -> Int {
    switch lead {
    case 0xC0..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0...: 4
    default: 1
    }
  }
}
