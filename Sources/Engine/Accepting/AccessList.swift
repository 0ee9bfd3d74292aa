// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The peers that may connect: all, or those in the allow list, except those in the deny list.
package struct AccessList: Equatable, Sendable {
  /// The networks that may connect; `nil` means all, and an empty list none.
  package var allowed: NetworkSet?
  /// The networks that may not connect; takes precedence over `allowed`.
  package var denied = NetworkSet()

  /// Creates a list that admits every peer.
  package init() {}

  /// Whether a peer may connect; a Unix socket has no address to check, and its file has permissions.
  package func admits(_ peer: Address) -> Bool {
    guard case .internet(let address, _) = peer else { return true }
    if denied.contains(address) { return false }
    return allowed?.contains(address) ?? true
  }
}
