// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Bytes written as text on a command line: `\n`, `\r`, `\t`, `\0`, `\\` and `\xNN` have the same meaning as in C.
package enum TextEscapes {
  /// What `bytes(of:)` accepts, for messages.
  package static let accepted = #"a text in which a backslash begins \n, \r, \t, \0, \\ or \xNN"#

  /// The bytes that a `ByteText` represents; `nil` if a backslash begins anything else.
  package static func bytes(of text: String) -> [UInt8]? {
    var result: [UInt8] = []
    var rest = ByteText.bytes(of: text)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "0"): result.append(0)
      case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "x"):
        let digits = rest.prefix(2)
        // `UInt8(_:radix:)` would accept a sign.
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        result.append(value)
        rest = rest.dropFirst(2)
      default: return nil
      }
    }
    return result
  }
}
