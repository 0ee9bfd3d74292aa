// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The line before a chunk: its length, and extensions, which are ignored (RFC 9112, section 7.1).
enum HTTPChunkLine {
  /// The length given in a line, in bytes, at most `Int.max`.
  static func size(_ line: [UInt8]) throws(HTTPError) -> Int {
    let digits = line.prefix { $0.hexadecimalValue != nil }
    guard !digits.isEmpty, areExtensions(line[digits.endIndex...]) else {
      throw .malformed("the length of a chunk is not a number")
    }
    var size = 0
    for digit in digits.compactMap(\.hexadecimalValue) {
      guard size <= Int.max >> 4 else { return .max }
      size = size << 4 | Int(digit)
    }
    return size
  }

  /// Whether bytes are a sequence of `;name` and `;name=value`, where a value may be quoted.
  private static func areExtensions(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      rest = rest.drop(while: \.isBlank)
      guard rest.popFirst() == UInt8(ascii: ";") else { return false }
      guard takeWord(&rest) else { return false }
      let value = rest.drop(while: \.isBlank)
      guard value.first == UInt8(ascii: "=") else { continue }
      rest = value.dropFirst().drop(while: \.isBlank)
      guard rest.first == UInt8(ascii: "\"") ? takeQuoted(&rest) : takeWord(&rest) else { return false }
    }
    return true
  }

  private static func takeWord(_ rest: inout ArraySlice<UInt8>) -> Bool {
    rest = rest.drop(while: \.isBlank)
    let word = rest.prefix { HTTPToken.isToken(CollectionOfOne($0)) }
    rest = rest[word.endIndex...]
    return !word.isEmpty
  }

  private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> Bool {
    _ = rest.popFirst()
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return true }
      if byte == UInt8(ascii: "\\"), rest.popFirst() == nil { return false }
    }
    return false
  }
}
