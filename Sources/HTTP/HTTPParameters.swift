// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// A field value with parameters: `multipart/form-data; boundary=x` or `form-data; name="a"; filename="b"`
/// (RFC 9110, section 5.6.6).
struct HTTPParameters: Equatable, Sendable {
  /// What stands before the parameters, without blanks.
  let value: [UInt8]
  private var parameters: [(name: [UInt8], value: [UInt8])] = []

  /// Parses a value; `nil` if it is invalid, or has a parameter more than once.
  init?(_ bytes: [UInt8]) {
    let head = bytes.prefix { $0 != UInt8(ascii: ";") }
    value = Array(head.withoutBlanks)
    guard !value.isEmpty else { return nil }
    var rest = bytes[head.endIndex...]
    while !rest.isEmpty {
      rest = rest.dropFirst().drop(while: \.isBlank)
      // A semicolon at the end, or one too many, is common.
      guard !rest.isEmpty, rest.first != UInt8(ascii: ";") else { continue }
      let name = rest.prefix { $0 != UInt8(ascii: "=") }
      guard HTTPToken.isToken(name) else { return nil }
      rest = rest[name.endIndex...].dropFirst()
      guard let value = Self.takeValue(&rest) else { return nil }
      rest = rest.drop(while: \.isBlank)
      guard rest.isEmpty || rest.first == UInt8(ascii: ";") else { return nil }
      let lowercased = name.map(\.lowercased)
      guard !parameters.contains(where: { $0.name == lowercased }) else { return nil }
      parameters.append((lowercased, value))
    }
  }

  /// The value of a parameter, whose name is in lower case; `nil` if it is missing.
  subscript(_ name: StaticString) -> [UInt8]? {
    parameters.first { $0.name.equals(name) }?.value
  }

  /// Takes a token or a quoted string off the front.
  ///
  /// Within quotes, a backslash counts only before another one or before a quote: browsers send others as they are
  /// (WHATWG HTML, section 4.10.21.8).
  private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard rest.first == UInt8(ascii: "\"") else {
      let token = rest.prefix { $0 != UInt8(ascii: ";") && !$0.isBlank }
      rest = rest[token.endIndex...]
      return HTTPToken.isToken(token) ? Array(token) : nil
    }
    rest = rest.dropFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return value }
      if byte == UInt8(ascii: "\\"), let next = rest.first, next == UInt8(ascii: "\"") || next == byte {
        value.append(next)
        rest = rest.dropFirst()
      } else {
        value.append(byte)
      }
    }
    return nil
  }

  /// Whether two values and their parameters, in order, are the same.
  static func == (left: HTTPParameters, right: HTTPParameters) -> Bool {
    left.value == right.value && left.parameters.elementsEqual(right.parameters) { $0 == $1 }
  }
}
