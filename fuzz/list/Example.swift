// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// Addresses to look up in lists.
enum Example {
  /// The addresses that the last bytes of an input are, which are not yet unmapped.
  static func addresses(in bytes: ArraySlice<UInt8>) -> [[UInt8]] {
    [4, 16].filter { $0 <= bytes.count }.map { Array(bytes.suffix($0)) }
  }

  /// The address with these four or sixteen bytes.
  static func address(_ bytes: [UInt8]) -> IPAddress {
    bytes.count == 4 ? .ipv4(bytes) : .ipv6(bytes, zone: 0)
  }

  /// The bytes of an address that lists are about: those of IPv4 in one that is mapped.
  static func unmapped(_ bytes: [UInt8]) -> [UInt8] {
    bytes.count == 16 && bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255])
      ? Array(bytes.suffix(4)) : bytes
  }
}
