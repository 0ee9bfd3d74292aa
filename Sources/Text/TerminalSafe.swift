// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Makes untrusted text safe to print: characters that could move the cursor, change colours, reorder a line or be
/// invisible in it are escaped.
///
/// Tabs are kept, and so are the joiners in an emoji or in a script that needs them: those that follow a character
/// beyond ASCII.
package enum TerminalSafe {
  /// Replaces control characters, line separators and invisible formatting characters by `\x1b` or `\u{202e}`, and the
  /// substitute for a byte that is not UTF-8 (`ByteText`) by `\xff`.
  package static func escape(_ text: String) -> String {
    guard hasUnsafe(text) else { return text }
    var result = ""
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      append(scalar, after: previous, to: &result)
      previous = scalar
    }
    return result
  }

  /// Decodes bytes as UTF-8, with the replacements of `escape(_:)`, and `\xff` for each byte that is not UTF-8.
  package static func escape(utf8 bytes: Span<UInt8>) -> String {
    unsafe bytes.withUnsafeBufferPointer { unsafe escape(ByteText.text(of: $0)) }
  }

  /// The same for a line without its newline; a carriage return at its end is removed.
  package static func escape(line: Span<UInt8>) -> String {
    let isReturned = line.count > 0 && line[line.count - 1] == ASCII.carriageReturn
    return escape(utf8: line.extracting(droppingLast: isReturned ? 1 : 0))
  }

  /// The same for a character that follows another.
  static func escape(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> String {
    var result = ""
    append(scalar, after: previous, to: &result)
    return result
  }

  /// Replaces the substitute for a byte that is not UTF-8 (`ByteText`) by `\xff`, and leaves all other characters.
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

  /// Replaces control characters and the like in JSON by JSON's own escapes (RFC 8259, section 7).
  package static func escapeJSON(_ text: String) -> String {
    guard hasUnsafe(text) else { return text }
    var result = ""
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      guard isUnsafe(scalar, after: previous) else {
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

  /// The bytes of one character; `nil` if they are not UTF-8.
  static func scalar(utf8 bytes: Span<UInt8>) -> Unicode.Scalar? {
    guard let scalars = text(utf8: bytes)?.unicodeScalars, scalars.count == 1 else { return nil }
    return scalars.first
  }

  /// Bytes as text; `nil` if they are not UTF-8.
  package static func text(utf8 bytes: Span<UInt8>) -> String? {
    unsafe bytes.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
  }

  private static func append(
    _ scalar: Unicode.Scalar, after previous: Unicode.Scalar?, to result: inout String
  ) {
    if let byte = ByteText.byte(of: scalar) {
      result += byteEscape(byte)
    } else if !isUnsafe(scalar, after: previous) {
      result.unicodeScalars.append(scalar)
    } else if scalar.value < 0x100 {
      result += byteEscape(UInt8(scalar.value))
    } else {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }

  /// The escape for a byte that is not text.
  static func byteEscape(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "\\x" + (digits.count == 1 ? "0" : "") + digits
  }

  private static func hasUnsafe(_ text: String) -> Bool {
    var previous: Unicode.Scalar?
    return text.unicodeScalars.contains { scalar in
      defer { previous = scalar }
      return isUnsafe(scalar, after: previous)
    }
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Bool {
    if scalar.isASCII { return scalar.value < 0x20 && scalar != "\t" || scalar.value == 0x7F }
    if isJoiner(scalar), let previous {
      return previous.isASCII || isJoiner(previous) || isUnsafe(previous, after: nil)
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
      return true
    default: return false
    }
  }

  /// Whether it joins or separates the characters around it, and has no other visible effect.
  private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\u{200C}" || scalar == "\u{200D}"
  }
}
