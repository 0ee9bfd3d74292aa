// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization

/// Detects connections of a forwarder to itself, if the target leads back to its listening address.
///
/// Both ends of such a connection are ours, one among the clients and one among the connections to the target. All
/// loops of a forwarder share one instance.
final class SelfConnections: Sendable {
  /// Our end of a connection.
  struct End: Hashable {
    /// Whether this process accepted the connection, rather than opened it.
    let isAccepted: Bool
    /// The address of the side that opened the connection.
    let client: Address
    /// The address of the side that accepted it.
    let server: Address

    /// The other end of the same connection.
    fileprivate var other: End { End(isAccepted: !isAccepted, client: client, server: server) }
  }

  private let ends = Guarded(Set<End>())

  /// Prepares to check the connections of a forwarder.
  ///
  /// - Returns: `nil` if no connection to the target can arrive at the listening address, because their ports differ.
  init?(of target: ForwardTarget, from place: Address) {
    // A requested target is judged before it is connected to.
    guard case .fixed(let upstream, _) = target else { return nil }
    guard let port = place.port, upstream.port == port else { return nil }
  }

  /// Adds our end of a connection.
  ///
  /// - Returns: Whether the other end is ours too.
  func add(_ end: End) -> Bool {
    ends.withLock { ends in
      ends.insert(end)
      return ends.contains(end.other)
    }
  }

  /// Removes our ends of connections that are going to be closed.
  func remove(_ closing: [End]) {
    guard !closing.isEmpty else { return }
    ends.withLock { $0.subtract(closing) }
  }
}
