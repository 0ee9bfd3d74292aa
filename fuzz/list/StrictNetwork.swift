// SPDX-License-Identifier: GPL-3.0-or-later

/// A network, read and compared bit by bit.
struct StrictNetwork {
  private let address: [UInt8]
  private let length: Int

  /// Reads an address, or an address and a length after a slash; `nil` for anything else.
  init?(_ text: [UInt8]) {
    let parts = text.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = StrictAddress(Array(parts.first ?? [])) else { return nil }
    let most = 8 * address.bytes.count
    self.address = address.bytes
    guard parts.count == 2 else {
      length = most
      return
    }
    guard let written = StrictNumber.value(parts[1]) else { return nil }
    // A mapped address has 96 bits before those of IPv4.
    length = address.isMapped ? written - 96 : written
    guard (0...most).contains(length) else { return nil }
  }

  /// Whether an address of four or sixteen bytes is in it.
  func contains(_ other: [UInt8]) -> Bool {
    other.count == address.count
      && (0..<length).allSatisfy { Self.bit($0, of: other) == Self.bit($0, of: address) }
  }

  /// Addresses at its edges: the one that it is written with, and others that differ in the last bit of the prefix, or
  /// in the first behind it.
  var examples: [[UInt8]] {
    [address]
      + [length - 1, length].filter { (0..<8 * address.count).contains($0) }.map { index in
        var other = address
        other[index / 8] ^= 0x80 >> UInt8(index % 8)
        return other
      }
  }

  private static func bit(_ index: Int, of bytes: [UInt8]) -> Bool {
    bytes[index / 8] & 0x80 >> UInt8(index % 8) != 0
  }
}
