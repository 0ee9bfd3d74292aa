// SPDX-License-Identifier: GPL-3.0-or-later

/// Encodes values as JSON (RFC 8259).
///
/// This does what the encoder of FoundationEssentials does with sorted keys and unescaped slashes. That encoder takes a
/// third of the size of the program, and brings calendars, locales and property lists with it.
package enum JSON {
  /// Encodes a value in one line, without spaces. Keys are sorted, and missing values are omitted.
  ///
  /// Throws an `EncodingError` if a number is infinite or not a number, which JSON cannot express, and what the value's
  /// own `encode(to:)` throws.
  package static func encode(_ value: some Encodable) throws -> String {
    let node = JSONNode()
    try node.set(value)
    var text: [UInt8] = []
    node.write(to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}
