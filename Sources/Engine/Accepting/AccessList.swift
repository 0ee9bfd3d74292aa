// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Which peers may connect: all, or those in a list, and none of those in another.
package struct AccessList: Equatable, Sendable {
  /// The networks that may connect; `nil` stands for all, and an empty list for none.
  package var allowed: NetworkSet?
  /// The networks that may not, even where the other list has them.
  package var denied = NetworkSet()

  /// Creates a list that admits every peer.
  package init() {}

  /// Whether a peer may connect; a Unix socket has no address to judge by, and its file has permissions.
  package func admits(_ peer: Address) -> Bool {
    guard case .internet(let address, _) = peer else { return true }
    if denied.contains(address) { return false }
    return allowed?.contains(address) ?? true
  }
}
