// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The form of addresses in SOCKS version 5: a type, the address, the port (RFC 1928, section 5).
enum SOCKSAddress {
  /// What bytes stand for.
  enum Decoded: Equatable {
    /// More bytes are needed.
    case incomplete
    /// The type is unknown.
    case unknown
    /// A name and a port, in a number of bytes.
    case name([UInt8], port: UInt16, count: Int)
    /// An address, in a number of bytes.
    case address(Address, count: Int)
  }

  /// The types of addresses.
  private static let (ipv4, name, ipv6) = (UInt8(1), UInt8(3), UInt8(4))

  /// The bytes of a target, whose name has at most 255 bytes.
  static func encode(_ target: ProxyTarget) -> [UInt8] {
    let host =
      switch target.host {
      case .name(let text): [name, UInt8(truncatingIfNeeded: text.utf8.count)] + Array(text.utf8)
      case .address(let address): [address.family == .ipv4 ? ipv4 : ipv6] + address.bytes
      }
    return host + target.portBytes
  }

  /// Reads an address.
  static func decode(_ bytes: ArraySlice<UInt8>) -> Decoded {
    guard let type = bytes.first else { return .incomplete }
    let rest = bytes.dropFirst()
    let length: Int
    switch type {
    case ipv4: length = 4
    case ipv6: length = 16
    case name:
      guard let count = rest.first else { return .incomplete }
      length = 1 + Int(count)
    default: return .unknown
    }
    guard rest.count >= length + 2 else { return .incomplete }
    let host = rest.prefix(length)
    let port = rest.dropFirst(length).prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
    let count = 1 + length + 2
    switch type {
    case ipv4: return .address(.internet(.ipv4(Array(host)), port: port), count: count)
    case ipv6: return .address(.internet(.ipv6(Array(host), zone: 0), port: port), count: count)
    default: return .name(Array(host.dropFirst()), port: port, count: count)
    }
  }
}
