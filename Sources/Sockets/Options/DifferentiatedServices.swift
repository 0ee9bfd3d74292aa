// SPDX-License-Identifier: GPL-3.0-or-later

/// A differentiated-services code point (RFC 2474), by name or number: the treatment requested from routers.
package struct DifferentiatedServices: Equatable, Sendable {
  /// The six bits, 0 to 63.
  package let codePoint: Int

  /// The value of the whole byte, `IP_TOS` or `IPV6_TCLASS`, with the ECN bits clear.
  package var fieldValue: Int { codePoint << 2 }

  /// The names of RFC 2474, 2597, 3246, 5865 and 8622 with their code points.
  package static let names: [(name: String, codePoint: Int)] =
    (0...7).map { ("cs\($0)", $0 * 8) }
    + (1...4).flatMap { major in (1...3).map { ("af\(major)\($0)", major * 8 + $0 * 2) } }
    + [("ef", 46), ("va", 44), ("le", 1)]

  /// Reads a name, in either case, or a number from 0 to 63, decimal or `0x` hexadecimal.
  package init?(_ text: String) {
    let lowered = text.lowercased()
    if let entry = Self.names.first(where: { $0.name == lowered }) {
      codePoint = entry.codePoint
      return
    }
    let number = lowered.hasPrefix("0x") ? Int(lowered.dropFirst(2), radix: 16) : Int(lowered)
    guard let number, (0...63).contains(number) else { return nil }
    codePoint = number
  }
}
