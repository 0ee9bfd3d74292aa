// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// A user's name and password, as in the Basic scheme (RFC 7617).
package struct BasicCredentials: Equatable, Sendable {
  /// The name, without a colon.
  package let user: [UInt8]
  /// The password.
  let password: [UInt8]

  /// Creates credentials.
  package init(user: [UInt8], password: [UInt8]) { (self.user, self.password) = (user, password) }

  /// Parses the value of `Authorization`; `nil` if it is of another scheme, or invalid.
  package init?(_ value: [UInt8]) {
    let scheme = value.prefix { !$0.isBlank }
    guard scheme.equals("Basic"), let text = Base64.decode(value[scheme.endIndex...].withoutBlanks),
      let colon = text.firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    user = Array(text[..<colon])
    password = Array(text[(colon + 1)...])
  }
}

/// Base64 (RFC 4648, section 4).
enum Base64 {
  private static let padding = UInt8(ascii: "=")

  /// Decodes a text with its padding; `nil` if it is invalid, or has bits that are left over and not zero.
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    let digits =
      text.suffix(2).allSatisfy { $0 == padding }
      ? text.dropLast(2) : text.last == padding ? text.dropLast() : text
    var bytes: [UInt8] = []
    var (bits, count) = (UInt32(0), 0)
    for digit in digits {
      guard let value = value(of: digit) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      bits &= 1 << count - 1
    }
    return bits == 0 ? bytes : nil
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
