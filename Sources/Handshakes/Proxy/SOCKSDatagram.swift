// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// What precedes the payload of a datagram between a client and a proxy that speaks SOCKS version 5: two reserved bytes,
/// the number of a fragment, and the address of the peer (RFC 1928, section 7).
package struct SOCKSDatagram: Equatable, Sendable {
  /// The number of the fragment; 0 for a datagram that is whole.
  package let fragment: UInt8
  /// Who the payload is for, or who has sent it.
  package let peer: ProxyTarget
  /// The number of bytes before the payload.
  package let headerLength: Int

  /// The maximum number of bytes before the payload, those with the longest name.
  package static let longestHeader = fixedLength + 1 + 1 + ProxyTarget.longestName + 2
  /// The number of bytes before the address.
  private static let fixedLength = 3

  /// The bytes before the payload of a whole datagram.
  ///
  /// - Parameter peer: Who the payload is for, or who has sent it; a name has at most 255 bytes.
  package static func header(for peer: ProxyTarget) -> [UInt8] { [0, 0, 0] + SOCKSAddress.encode(peer) }

  /// Reads the header of a datagram.
  ///
  /// - Returns: `nil` if it is malformed or incomplete.
  package init?(_ datagram: Span<UInt8>) {
    var head: [UInt8] = []
    head.append(copying: datagram.extracting(first: Self.longestHeader))
    guard head.count > Self.fixedLength, head[0] == 0, head[1] == 0 else { return nil }
    fragment = head[2]
    switch SOCKSAddress.decode(head[Self.fixedLength...]) {
    case .incomplete, .unknown: return nil
    case .name(let name, let port, let count):
      guard let named = ProxyTarget(name: name, port: port) else { return nil }
      (peer, headerLength) = (named, Self.fixedLength + count)
    case .address(let address, let count):
      guard case .internet(let host, let port) = address else { return nil }
      (peer, headerLength) = (ProxyTarget(.address(host), port: port), Self.fixedLength + count)
    }
  }
}
