// SPDX-License-Identifier: GPL-3.0-or-later

/// The target of a request, and the host that it is sent to (RFC 9112, section 3.2, and RFC 3986).
enum StrictTarget {
  /// Whether a request with a method may have a target.
  static func isValid(_ target: [UInt8], of method: String) -> Bool {
    let text = String(decoding: target, as: UTF8.self)
    if method == "CONNECT" {
      guard let colon = target.lastIndex(of: UInt8(ascii: ":")), colon < target.count - 1 else {
        return false
      }
      return isAuthority(target)
    }
    if text == "*" { return method == "OPTIONS" }
    if text.hasPrefix("/") { return isPath(target[...]) }
    guard text.lowercased().hasPrefix("http://") else { return false }
    let rest = target.dropFirst(7)
    let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    guard let first = authority.first, first != UInt8(ascii: ":") else { return false }
    return isAuthority(Array(authority)) && isPath(rest[authority.endIndex...])
  }

  /// A path and a query.
  ///
  /// Browsers send more characters than the grammar has, and percent signs in a query as they were typed.
  private static func isPath(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && !"\"#<>\\".utf8.contains($0) }) else {
      return false
    }
    return hasWholeEscapes(bytes.prefix { $0 != UInt8(ascii: "?") })
  }

  /// Whether bytes are a host, which may be empty, and perhaps a port.
  static func isAuthority(_ bytes: [UInt8]) -> Bool {
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return false }
    let text = String(decoding: bytes, as: UTF8.self)
    if text.hasPrefix("[") {
      let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, isSixth(parts[0]) else { return false }
      return parts[1].isEmpty || parts[1].hasPrefix(":") && isDigits(parts[1].dropFirst())
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.count == 1 || isDigits(parts[1]) else { return false }
    let host = bytes.prefix { $0 != UInt8(ascii: ":") }
    let allowed = host.allSatisfy { byte in
      let character = Character(Unicode.Scalar(byte))
      return character.isLetter || character.isNumber || "-._~%!$&'()*+,;=".utf8.contains(byte)
    }
    return allowed && hasWholeEscapes(host)
  }

  /// An IPv6 address: eight groups, or fewer and two colons in place of the others; four bytes may end it.
  private static func isSixth(_ text: Substring) -> Bool {
    var parts = [Substring]()
    var rest = text
    while let colons = rest.firstRange(of: "::") {
      parts.append(rest[..<colons.lowerBound])
      rest = rest[colons.upperBound...]
    }
    parts.append(rest)
    guard parts.count <= 2 else { return false }
    var count = 0
    for (index, part) in parts.enumerated() where !part.isEmpty {
      var groups = part.split(separator: ":", omittingEmptySubsequences: false)
      if index == parts.count - 1, let last = groups.last, last.contains(".") {
        guard isFourth(last) else { return false }
        groups.removeLast()
        count += 2
      }
      guard groups.allSatisfy({ (1...4).contains($0.utf8.count) && $0.utf8.allSatisfy(isHexadecimal) })
      else { return false }
      count += groups.count
    }
    return parts.count == 2 ? count < 8 : count == 8
  }

  private static func isFourth(_ text: Substring) -> Bool {
    let bytes = text.split(separator: ".", omittingEmptySubsequences: false)
    return bytes.count == 4
      && bytes.allSatisfy { !$0.isEmpty && isDigits($0) && UInt8($0).map { "\($0)" } == String($0) }
  }

  private static func hasWholeEscapes(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.indices.allSatisfy { index in
      bytes[index] != UInt8(ascii: "%")
        || index + 2 < bytes.endIndex && bytes[index + 1...index + 2].allSatisfy(isHexadecimal)
    }
  }

  private static func isDigits(_ text: Substring) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    byte < 0x80 && Character(Unicode.Scalar(byte)).isHexDigit
  }
}
