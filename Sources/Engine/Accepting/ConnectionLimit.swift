// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// The maximum number of simultaneous connections, over all event loops of a server.
final class ConnectionLimit: Sendable {
  private let limit: Int
  private let taken = Atomic(0)
  /// Whether several loops share the limit; each is notified only of the ends of its own connections.
  let isShared: Bool
  /// Whether the limit follows from the available descriptors rather than from an option.
  let isOfDescriptors: Bool

  /// - Parameters:
  ///   - limit: The maximum number of connections.
  ///   - loops: The number of loops that share it.
  ///   - isOfDescriptors: Whether the limit follows from the available descriptors.
  init(_ limit: Int, loops: Int = 1, isOfDescriptors: Bool = false) {
    self.limit = limit
    self.isOfDescriptors = isOfDescriptors
    isShared = loops > 1
  }

  /// Takes a place for one connection.
  ///
  /// - Returns: Whether a place was available.
  func take() -> Bool {
    if taken.add(1, ordering: .relaxed).newValue <= limit { return true }
    giveBack()
    return false
  }

  /// Returns the place of one connection.
  func giveBack() { taken.subtract(1, ordering: .relaxed) }

  /// Whether a place is available.
  var hasRoom: Bool { taken.load(ordering: .relaxed) < limit }
}
