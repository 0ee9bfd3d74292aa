// SPDX-License-Identifier: GPL-3.0-or-later

/// The addresses that begin with the same bits (RFC 4632): `192.0.2.0/24`, `2001:db8::/32`, or a single one.
package struct Network: Hashable, Sendable {
  private let prefix: [UInt8]
  private let length: Int

  /// Reads an address, or an address and the length of the prefix after a slash; `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(String(parts[0])) else { return nil }
    let isMapped = address.unmapped != address
    let bytes = address.unmapped.bytes
    var length = bytes.count * 8
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let written = Int(parts[1])
      else { return nil }
      // The first 96 bits of a mapped address say that it is one.
      length = isMapped ? written - 96 : written
      guard (0...bytes.count * 8).contains(length) else { return nil }
    }
    prefix = bytes
    self.length = length
  }

  /// Whether an address is in the network; IPv4 as an IPv6 socket sees it is IPv4.
  package func contains(_ address: IPAddress) -> Bool {
    let bytes = address.unmapped.bytes
    guard bytes.count == prefix.count else { return false }
    let (whole, rest) = (length / 8, length % 8)
    guard bytes.prefix(whole) == prefix.prefix(whole) else { return false }
    guard rest > 0 else { return true }
    return (bytes[whole] ^ prefix[whole]) >> (8 - UInt8(rest)) == 0
  }
}
