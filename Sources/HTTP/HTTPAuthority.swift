// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// A host with an optional port, as in RFC 3986, section 3.2, but without user information, which HTTP excludes.
enum HTTPAuthority {
  /// Whether bytes are a valid authority; the host may be empty.
  static func isValid(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
    var port = bytes[bytes.endIndex...]
    var host = bytes[...]
    // The last colon, unless it belongs to an IPv6 address.
    if let colon = bytes.lastIndex(of: UInt8(ascii: ":")), !bytes[colon...].contains(UInt8(ascii: "]")) {
      host = bytes[..<colon]
      port = bytes[bytes.index(after: colon)...]
    }
    guard port.allSatisfy(\.isDigit) else { return false }
    return host.first == UInt8(ascii: "[") ? isLiteral(host) : isName(host)
  }

  /// An IPv6 address in brackets. A zone has no meaning on another host, and later address formats do not exist.
  private static func isLiteral(_ host: some BidirectionalCollection<UInt8>) -> Bool {
    guard host.count > 2, host.last == UInt8(ascii: "]") else { return false }
    let address = String(decoding: host.dropFirst().dropLast(), as: UTF8.self)
    return address.contains(":") && !address.contains("%") && IPAddress(address) != nil
  }

  private static func isName(_ host: some Collection<UInt8>) -> Bool {
    var digitsDue = 0
    for byte in host {
      if digitsDue > 0 {
        guard byte.hexadecimalValue != nil else { return false }
        digitsDue -= 1
      } else if byte == UInt8(ascii: "%") {
        digitsDue = 2
      } else {
        guard isOfName(byte) else { return false }
      }
    }
    return digitsDue == 0
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    byte.isDigit || byte.isLetter || "-._~!$&'()*+,;=".utf8.contains(byte)
  }
}
