// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Text from elsewhere made safe to print: what could move the cursor, change colours, reorder a line or hide
/// in it is written as an escape.
package enum TerminalSafe {
  /// Replaces control characters, line separators and invisible formatting by `\x1b` or `\u{202e}`, and what stands for
  /// a byte that is not UTF-8 (`ByteText`) by `\xff`.
  package static func escape(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var result = ""
    for scalar in text.unicodeScalars { append(scalar, to: &result) }
    return result
  }

  /// Reads bytes as UTF-8, and replaces what `escape(_:)` does and each byte that is not UTF-8 by `\xff`.
  package static func escape(utf8 bytes: Span<UInt8>) -> String {
    unsafe bytes.withUnsafeBufferPointer { unsafe escape(ByteText.text(of: $0)) }
  }

  /// The same for a line without its newline, in which tabs stay, and a carriage return at its end is none of it.
  package static func escape(line: Span<UInt8>) -> String {
    let isReturned = line.count > 0 && line[line.count - 1] == ASCII.carriageReturn
    let count = line.count - (isReturned ? 1 : 0)
    var result = ""
    var start = 0
    for index in 0...count where index == count || line[index] == UInt8(ascii: "\t") {
      result += escape(utf8: line.extracting(start..<index)) + (index == count ? "" : "\t")
      start = index + 1
    }
    return result
  }

  /// Replaces what stands for a byte that is not UTF-8 (`ByteText`) by `\xff`, and leaves everything else.
  package static func escapeBytes(_ text: String) -> String {
    guard !ByteText.isText(text) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if let byte = ByteText.byte(of: scalar) {
        result += byteEscape(byte)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  /// Replaces control characters and the like in JSON, by the escapes that JSON has for them (RFC 8259, section 7).
  package static func escapeJSON(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      guard isUnsafe(scalar) else {
        result.unicodeScalars.append(scalar)
        continue
      }
      for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result
  }

  /// Bytes as text; `nil` if they are not UTF-8.
  package static func text(utf8 bytes: Span<UInt8>) -> String? {
    unsafe bytes.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
  }

  private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
    if let byte = ByteText.byte(of: scalar) {
      result += byteEscape(byte)
    } else if !isUnsafe(scalar) {
      result.unicodeScalars.append(scalar)
    } else if scalar.value < 0x100 {
      result += byteEscape(UInt8(scalar.value))
    } else {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }

  private static func byteEscape(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "\\x" + (digits.count == 1 ? "0" : "") + digits
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      return true
    default: return false
    }
  }
}
