// SPDX-License-Identifier: GPL-3.0-or-later

/// A network: the addresses that begin with the same bits (RFC 4632), such as `192.0.2.0/24`, `2001:db8::/32`, or a
/// single address.
package struct Network: Hashable, Sendable {
  /// As many bytes as an address has; the bits after the prefix are zero.
  private let prefix: [UInt8]
  /// The length of the prefix in bits.
  let length: Int

  /// Reads an address, or an address and a prefix length after a slash; `nil` for anything else.
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
      // The first 96 bits of an IPv4-mapped address are the same in all of them.
      length = isMapped ? written - 96 : written
      guard (0...bytes.count * 8).contains(length) else { return nil }
    }
    self.init(of: address.unmapped, length: length)
  }

  /// Describes what is expected instead of a text that is not a network.
  package static func expected(insteadOf text: String) -> String {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])), address.unmapped == address else {
      return "an address or a network such as 192.0.2.0/24 or 2001:db8::/32"
    }
    return "the length of a prefix from 0 to \(address.bytes.count * 8) after the slash"
  }

  /// The network of an address that is not IPv4-mapped, with a prefix length valid for its family.
  init(of address: IPAddress, length: Int) {
    var bytes = address.bytes
    let (whole, rest) = (length / 8, length % 8)
    if rest > 0 { bytes[whole] &= ~(0xFF >> UInt8(rest)) }
    for index in bytes.indices.dropFirst(rest > 0 ? whole + 1 : whole) { bytes[index] = 0 }
    prefix = bytes
    self.length = length
  }

  /// The family of the addresses.
  var family: AddressFamily { prefix.count == 4 ? .ipv4 : .ipv6 }

  /// Whether an address is in the network; an IPv4-mapped IPv6 address counts as IPv4.
  package func contains(_ address: IPAddress) -> Bool {
    let address = address.unmapped
    return address.family == family && Network(of: address, length: length) == self
  }
}
