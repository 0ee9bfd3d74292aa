// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
import Text

/// A challenge of WWW-Authenticate or Proxy-Authenticate (RFC 9110, section 11.3), or the credentials of Authorization or
/// Proxy-Authorization, which have the same form (section 11.4).
struct HTTPChallenge: Equatable, Sendable {
  /// The scheme, in lower case.
  let scheme: String
  /// The parameters by their names in lower case.
  private(set) var parameters: [String: String] = [:]

  /// Parses the value of a field, which can have several challenges; what is not understood is skipped.
  static func parse(_ value: ArraySlice<UInt8>) -> [HTTPChallenge] {
    var challenges: [HTTPChallenge] = []
    for element in elements(of: value) {
      var rest = element
      let word = rest.prefix(while: HTTPToken.isTokenByte)
      guard !word.isEmpty else { continue }
      let behind = rest[word.endIndex...]
      if behind.isEmpty || behind.first?.isBlank == true && behind.withoutBlanks.first != UInt8(ascii: "=") {
        challenges.append(
          HTTPChallenge(scheme: String(decoding: word.map(\.lowercased), as: UTF8.self)))
        rest = behind.withoutBlanks
      }
      guard let (name, text) = parameter(rest), !challenges.isEmpty else { continue }
      challenges[challenges.count - 1].parameters[name] = text
    }
    return challenges
  }

  /// The elements between the commas that are not within quotes.
  private static func elements(of value: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var elements: [ArraySlice<UInt8>] = []
    var (start, isQuoted, isEscaped) = (value.startIndex, false, false)
    for (index, byte) in zip(value.indices, value) {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\"), isQuoted {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == UInt8(ascii: ","), !isQuoted {
        elements.append(value[start..<index].withoutBlanks)
        start = index + 1
      }
    }
    return elements + [value[start...].withoutBlanks]
  }

  /// The name in lower case, and the value without quotes, of `name=value`.
  private static func parameter(_ bytes: ArraySlice<UInt8>) -> (String, String)? {
    let name = bytes.prefix(while: HTTPToken.isTokenByte)
    var value = bytes[name.endIndex...].withoutBlanks
    guard !name.isEmpty, value.popFirst() == UInt8(ascii: "=") else { return nil }
    value = value.withoutBlanks
    var text: [UInt8] = []
    if value.first == UInt8(ascii: "\"") {
      var isEscaped = false
      for byte in value.dropFirst() {
        if isEscaped || byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"") {
          text.append(byte)
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else {
          break
        }
      }
    } else {
      text = Array(value)
    }
    return (
      String(decoding: name.map(\.lowercased), as: UTF8.self), String(decoding: text, as: UTF8.self)
    )
  }
}
