// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// An IPv4 or IPv6 address, the latter with the zone (interface) that a link-local one needs.
package enum IPAddress: Hashable, Sendable {
  /// Four bytes in network order.
  case ipv4([UInt8])
  /// Sixteen bytes in network order, and the interface index or 0.
  case ipv6([UInt8], zone: UInt32)

  /// `0.0.0.0`: every IPv4 interface.
  package static var anyIPv4: IPAddress { .ipv4([0, 0, 0, 0]) }
  /// `::`: every interface.
  package static var anyIPv6: IPAddress { .ipv6([UInt8](repeating: 0, count: 16), zone: 0) }

  /// `127.0.0.1`.
  package static var loopbackIPv4: IPAddress { .ipv4([127, 0, 0, 1]) }
  /// `::1`.
  package static var loopbackIPv6: IPAddress { .ipv6([UInt8](repeating: 0, count: 15) + [1], zone: 0) }

  /// Reads a numeric address, `192.0.2.1`, `2001:db8::1` or `fe80::1%eth0`; `nil` for anything else.
  ///
  /// The corresponding C functions are `inet_pton` and `if_nametoindex`.
  package init?(_ text: String) {
    // C would read only the part before the zero byte.
    guard !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
      self = .ipv4(Array(bytes.prefix(4)))
      return
    }
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first, unsafe inet_pton(AF_INET6, String(address), &bytes) == 1 else {
      return nil
    }
    var zone: UInt32 = 0
    if parts.count == 2 {
      let name = String(parts[1])
      // For `eth0:1`, C would find `eth0`.
      guard !name.utf8.contains(UInt8(ascii: ":")) else { return nil }
      zone = unsafe if_nametoindex(name)
      if zone == 0, !name.hasPrefix("+") { zone = UInt32(name) ?? 0 }
      guard zone != 0 else { return nil }
    }
    self = .ipv6(bytes, zone: zone)
  }

  /// The bytes in network order.
  package var bytes: [UInt8] {
    switch self {
    case .ipv4(let bytes), .ipv6(let bytes, _): bytes
    }
  }

  /// The address's family.
  package var family: AddressFamily {
    switch self {
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    }
  }

  /// Whether this is `0.0.0.0` or `::`.
  package var isAny: Bool {
    switch self {
    case .ipv4(let bytes): bytes.allSatisfy { $0 == 0 }
    case .ipv6(let bytes, _): bytes.allSatisfy { $0 == 0 }
    }
  }

  /// Whether this is an address of this machine itself: `127.0.0.0/8` or `::1`.
  package var isLoopback: Bool {
    switch unmapped {
    case .ipv4(let bytes): bytes[0] == 127
    case .ipv6(let bytes, _): bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }
  }

  /// Whether this is the address of a multicast group: `224.0.0.0/4` or `ff00::/8`.
  package var isMulticast: Bool {
    switch self {
    case .ipv4(let bytes): bytes[0] & 0xF0 == 0xE0
    case .ipv6(let bytes, _): bytes[0] == 0xFF
    }
  }

  /// Whether it is an IPv6 address that names an interface.
  package var hasZone: Bool {
    if case .ipv6(_, let zone) = self { zone != 0 } else { false }
  }

  /// Whether this is a link-local IPv6 address, `fe80::/10`, without the interface that it needs.
  package var lacksZone: Bool {
    if case .ipv6(let bytes, zone: 0) = self { bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 } else { false }
  }

  /// The same address with the interface as its zone, if it needs one and has none; any other address unchanged.
  ///
  /// The corresponding C function is `if_nametoindex`.
  package func completed(byInterface name: String) -> IPAddress {
    guard lacksZone else { return self }
    return .ipv6(bytes, zone: unsafe if_nametoindex(name))
  }

  /// The plain IPv4 address inside `::ffff:192.0.2.1`, any other address as it is.
  package var unmapped: IPAddress {
    guard case .ipv6(let bytes, _) = self, bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF,
      bytes[11] == 0xFF
    else { return self }
    return .ipv4(Array(bytes.suffix(4)))
  }
}

extension IPAddress: CustomStringConvertible {
  /// The address as text, an IPv6 zone by its interface name. The corresponding C function is `inet_ntop`.
  package var description: String {
    switch self {
    case .ipv4(let bytes): return Self.text(of: bytes, domain: AF_INET)
    case .ipv6(let bytes, let zone):
      let address = Self.text(of: bytes, domain: AF_INET6)
      return zone == 0 ? address : "\(address)%\(Self.interfaceName(zone))"
    }
  }

  private static func text(of bytes: [UInt8], domain: CInt) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      let text = unsafe inet_ntop(domain, bytes, buffer.baseAddress, socklen_t(buffer.count))
      return unsafe text.map { unsafe String(cString: $0) } ?? ""
    }
  }

  private static func interfaceName(_ index: UInt32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
      guard let base = buffer.baseAddress, let name = unsafe if_indextoname(index, base) else {
        return "\(index)"
      }
      return unsafe String(cString: name)
    }
  }
}
