// SPDX-License-Identifier: GPL-3.0-or-later

/// The byte of an IP header that requests a treatment from routers: a differentiated-services code point (RFC 2474), or
/// the type of service (RFC 1349) that preceded it.
package struct DifferentiatedServices: Equatable, Sendable {
  /// The value of the whole byte, 0 to 255: `IP_TOS` or `IPV6_TCLASS`. On a TCP socket the kernel ignores the two low
  /// bits, which are those of ECN.
  package let fieldValue: Int
  /// Whether the whole byte was requested, rather than a code point.
  package let isWholeByte: Bool

  /// The six bits of the code point, 0 to 63.
  package var codePoint: Int { fieldValue >> 2 }

  /// The names of RFC 2474, 2597, 3246, 5865 and 8622 with their code points.
  package static let names: [(name: String, codePoint: Int)] =
    (0...7).map { ("cs\($0)", $0 * 8) }
    + (1...4).flatMap { major in (1...3).map { ("af\(major)\($0)", major * 8 + $0 * 2) } }
    + [("ef", 46), ("va", 44), ("le", 1)]

  /// The names of RFC 1349 and of the precedences of RFC 791, with the whole byte.
  package static let classicNames: [(name: String, value: Int)] = [
    ("lowdelay", 0x10), ("throughput", 0x08), ("reliability", 0x04), ("mincost", 0x02),
    ("inetcontrol", 0xC0), ("netcontrol", 0xE0), ("critical", 0xA0),
  ]

  /// The names that `nc` of OpenBSD lacks.
  private static let unknownToNetcat: Set = ["va", "le", "mincost"]

  /// Reads a code point: a name, in either case, or a number from 0 to 63, decimal or `0x` hexadecimal.
  package init?(_ text: String) {
    let lowered = text.lowercased()
    let known = Self.names.first { $0.name == lowered }?.codePoint
    guard let codePoint = known ?? Self.number(lowered, upTo: 63) else { return nil }
    fieldValue = codePoint << 2
    isWholeByte = false
  }

  /// Reads the whole byte: a classic name, in either case, or a number from 0 to 255, decimal or `0x` hexadecimal.
  package init?(wholeByte text: String) {
    let lowered = text.lowercased()
    let known = Self.classicNames.first { $0.name == lowered }?.value
    guard let value = known ?? Self.number(lowered, upTo: 255) else { return nil }
    fieldValue = value
    isWholeByte = true
  }

  /// Reads what `nc` of OpenBSD takes for `-T`: a name of either kind, in small letters, or the whole byte as a number
  /// from 0 to 255, decimal or `0x` hexadecimal.
  package init?(netcatKeyword text: String) {
    let isName = WholeNumber.parse(text) == nil
    guard !isName || text == text.lowercased(), !Self.unknownToNetcat.contains(text),
      let services = Self(wholeByte: text) ?? (isName ? Self(text) : nil)
    else { return nil }
    self = services
  }

  private static func number(_ text: String, upTo most: Int) -> Int? {
    WholeNumber.parse(text).flatMap { (0...most).contains($0) ? $0 : nil }
  }
}
