// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// What an address leads to.
enum Reached {
  /// The bytes of the address that is reached by another one: IPv4 within IPv6, and this machine for a wildcard.
  static func address(_ bytes: [UInt8]) -> [UInt8] {
    var reached = Example.unmapped(bytes)
    if reached.count == 16 {
      let groups = stride(from: 0, to: 16, by: 2).map { UInt16(reached[$0]) << 8 | UInt16(reached[$0 + 1]) }
      // The prefixes of NAT64 and of 6to4.
      if groups[..<6] == [0x64, 0xFF9B, 0, 0, 0, 0] { reached = Array(reached[12...]) }
      if groups[0] == 0x2002 { reached = Array(reached[2..<6]) }
    }
    guard reached.allSatisfy({ $0 == 0 }) else { return reached }
    return reached.count == 4 ? [127, 0, 0, 1] : [UInt8](repeating: 0, count: 15) + [1]
  }

  /// Whether an address is that of this machine, or not one of the Internet.
  static func isPrivate(_ bytes: [UInt8]) -> Bool {
    let isOwn = own.contains(bytes)
    guard bytes.count == 16 else {
      switch (bytes[0], bytes[1], bytes[2]) {
      case (0, _, _), (10, _, _), (127, _, _), (224..., _, _), (100, 64...127, _), (169, 254, _),
        (172, 16...31, _), (192, 168, _), (192, 0, 0), (198, 18...19, _):
        return true
      default: return isOwn
      }
    }
    let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    switch groups[0] {
    case 0xFC00...0xFDFF, 0xFE80...0xFEFF, 0xFF00...: return true
    case 0x2001: return groups[1] == 0 || isOwn
    case 0x64: return groups[1] == 0xFF9B && groups[2] == 1 || isOwn
    case 0:
      return groups[..<6] == [0, 0, 0, 0, 0, 0] || groups[..<6] == [0, 0, 0, 0, 0xFFFF, 0] || isOwn
    default: return isOwn
    }
  }

  private static let own = SystemInventory.addresses.map { Example.unmapped($0.bytes) }
}
