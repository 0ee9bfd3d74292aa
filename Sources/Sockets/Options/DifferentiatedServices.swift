// SPDX-License-Identifier: GPL-3.0-or-later

/// A differentiated-services code point (RFC 2474), by name or number: the treatment requested from routers.
package struct DifferentiatedServices: Equatable, Sendable {
  /// The value of the whole byte, `IP_TOS` or `IPV6_TCLASS`.
  package let fieldValue: Int
  /// The six bits, 0 to 63.
  package var codePoint: Int { fieldValue >> 2 }

  /// The names of RFC 2474, 2597, 3246, 5865 and 8622 with their code points.
  package static let names: [(name: String, codePoint: Int)] =
    (0...7).map { ("cs\($0)", $0 * 8) }
    + (1...4).flatMap { major in (1...3).map { ("af\(major)\($0)", major * 8 + $0 * 2) } }
    + [("ef", 46), ("va", 44), ("le", 1)]

  /// Reads a name, in either case, or a number from 0 to 63, decimal or `0x` hexadecimal.
  package init?(_ text: String) {
    let lowered = text.lowercased()
    if let entry = Self.names.first(where: { $0.name == lowered }) {
      fieldValue = entry.codePoint << 2
      return
    }
    let number = lowered.hasPrefix("0x") ? Int(lowered.dropFirst(2), radix: 16) : Int(lowered)
    guard let number, (0...63).contains(number) else { return nil }
    fieldValue = number << 2
  }

  /// The keywords of RFC 1349 and of routing protocols, with the values of the whole byte.
  private static let keywords = [
    ("lowdelay", 0x10), ("throughput", 0x08), ("reliability", 0x04), ("critical", 0xA0),
    ("inetcontrol", 0xC0),
    ("netcontrol", 0xE0),
  ]

  /// Reads a keyword of `nc`, or a number of the whole byte from 0 to 255, decimal or `0x` hexadecimal.
  package init?(keyword text: String) {
    if let value = Self.keywords.first(where: { $0.0 == text })?.1 {
      fieldValue = value
    } else if let entry = Self.names.first(where: { $0.name == text }) {
      fieldValue = entry.codePoint << 2
    } else {
      let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
      guard let number, (0...255).contains(number) else { return nil }
      fieldValue = number
    }
  }
}
