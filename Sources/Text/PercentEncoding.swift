// SPDX-License-Identifier: GPL-3.0-or-later

/// Percent-encoding, with the characters that are allowed in every part of a URL (RFC 3986, section 2).
package enum PercentEncoding {
  private static let percent = UInt8(ascii: "%")
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// Decodes `%41` and the like, and leaves other bytes unchanged; `nil` if a percent sign is not followed by two
  /// hexadecimal digits.
  package static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    guard bytes.contains(percent) else { return Array(bytes) }
    var result: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      guard byte == percent else {
        result.append(byte)
        continue
      }
      guard let high = rest.popFirst()?.hexadecimalValue, let low = rest.popFirst()?.hexadecimalValue else {
        return nil
      }
      result.append(high << 4 | low)
    }
    return result
  }

  /// Encodes every byte except letters, digits, and `-._~`.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var result: [UInt8] = []
    for byte in bytes {
      if byte.isLetter || byte.isDigit || "-._~".utf8.contains(byte) {
        result.append(byte)
      } else {
        result += [percent, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
