// SPDX-License-Identifier: GPL-3.0-or-later

/// Addresses of IPv4 by the ranges of their four numbers, as nmap writes them: `192.168.1-3.*`.
package struct AddressPattern: Hashable, Sendable {
  private let octets: [ClosedRange<UInt8>]

  /// Reads four numbers or ranges between dots; `*` and `-` stand for all, and a missing end of a range is the first or
  /// the last number. `nil` for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var octets: [ClosedRange<UInt8>] = []
    for part in parts {
      guard let range = Self.range(part) else { return nil }
      octets.append(range)
    }
    self.octets = octets
  }

  private static func range(_ text: Substring) -> ClosedRange<UInt8>? {
    guard text != "*" else { return 0...255 }
    guard
      text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      )
    else { return nil }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count > 1 else { return UInt8(text).map { $0...$0 } }
    guard ends.count == 2, let low = ends[0].isEmpty ? 0 : UInt8(ends[0]),
      let high = ends[1].isEmpty ? 255 : UInt8(ends[1]),
      low <= high
    else { return nil }
    return low...high
  }

  /// Whether an address has such numbers; an IPv4-mapped IPv6 address counts as IPv4.
  package func contains(_ address: IPAddress) -> Bool {
    let bytes = address.unmapped.bytes
    return bytes.count == octets.count && zip(octets, bytes).allSatisfy { $0.contains($1) }
  }
}
