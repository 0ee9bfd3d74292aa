// SPDX-License-Identifier: GPL-3.0-or-later

/// The parts of messages of HTTP, read by RFC 9112 out of bytes that are all there.
package enum StrictMessage {
  /// What is wrong with a message, or that it is not complete.
  package struct Fault: Error {
    /// Creates it.
    package init() {}
  }

  /// Takes lines off the front, up to an empty one and without it; none of them has a control character but tabs.
  package static func lines(from rest: inout ArraySlice<UInt8>) throws(Fault) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
      let line = Array(rest[..<end])
      let isOrdinary = line.allSatisfy { $0 == UInt8(ascii: "\t") || $0 >= 0x20 && $0 != 0x7F }
      guard isOrdinary, rest[end...].starts(with: "\r\n".utf8) else { throw Fault() }
      rest = rest[(end + 2)...]
      if line.isEmpty, !lines.isEmpty { return lines }
      lines.append(line)
    }
    throw Fault()
  }

  /// The fields of lines, their names in small letters (section 5): no space before the colon, and no line that continues
  /// another.
  package static func fields(_ lines: [[UInt8]]) throws(Fault) -> [(name: String, value: [UInt8])] {
    var fields: [(name: String, value: [UInt8])] = []
    for line in lines {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else { throw Fault() }
      let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
      let value = line[(colon + 1)...].drop(while: isBlank).reversed().drop(while: isBlank).reversed()
      fields.append((String(decoding: line[..<colon], as: UTF8.self).lowercased(), Array(value)))
    }
    return fields
  }

  /// Takes a body in chunks and its trailer off the front (section 7.1).
  package static func takeChunks(from rest: inout ArraySlice<UInt8>) throws(Fault) {
    while true {
      guard let end = rest.firstIndex(of: UInt8(ascii: "\r")) else { throw Fault() }
      let line = rest[..<end]
      let digits = line.prefix { byte in Character(Unicode.Scalar(byte)).isHexDigit }
      guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { throw Fault() }
      guard digits.count == line.count || areExtensions(line[digits.endIndex...]) else { throw Fault() }
      rest = rest[end...]
      try takeLineEnd(from: &rest)
      guard size > 0 else { break }
      guard size <= rest.count else { throw Fault() }
      rest = rest.dropFirst(size)
      try takeLineEnd(from: &rest)
    }
    if rest.starts(with: "\r\n".utf8) { return rest = rest.dropFirst(2) }
    _ = try fields(lines(from: &rest))
  }

  private static func takeLineEnd(from rest: inout ArraySlice<UInt8>) throws(Fault) {
    guard rest.starts(with: "\r\n".utf8) else { throw Fault() }
    rest = rest.dropFirst(2)
  }

  /// Extensions of a chunk: a semicolon and a name, and perhaps an equals sign and a token or a quoted text, with blanks
  /// around the signs (section 7.1.1).
  private static func areExtensions(_ bytes: ArraySlice<UInt8>) -> Bool {
    var (lexemes, rest) = ("", bytes)
    while let byte = rest.first {
      let token = rest.prefix { isToken(CollectionOfOne($0)) }
      if !token.isEmpty {
        lexemes += "t"
        rest = rest[token.endIndex...]
      } else if byte == UInt8(ascii: "\"") {
        guard let end = endOfQuoted(rest) else { return false }
        lexemes += "q"
        rest = rest[end...]
      } else {
        let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        guard isBlank && rest.count > 1 || ";=".utf8.contains(byte) else { return false }
        if !isBlank { lexemes.unicodeScalars.append(Unicode.Scalar(byte)) }
        rest = rest.dropFirst()
      }
    }
    return lexemes.isEmpty
      || lexemes.first == ";"
        && lexemes.dropFirst().split(separator: ";", omittingEmptySubsequences: false)
          .allSatisfy { ["t", "t=t", "t=q"].contains($0) }
  }

  /// The index behind the quotation mark that ends a quoted text; `nil` if there is none.
  private static func endOfQuoted(_ bytes: ArraySlice<UInt8>) -> Int? {
    var index = bytes.startIndex + 1
    let isOrdinary = bytes.allSatisfy { $0 == UInt8(ascii: "\t") || $0 >= 0x20 && $0 != 0x7F }
    while isOrdinary, index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return isOrdinary && index < bytes.endIndex ? index + 1 : nil
  }

  /// Whether bytes are a token (RFC 9110, section 5.6.2).
  package static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy { (0x21...0x7E).contains($0) && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
  }
}
