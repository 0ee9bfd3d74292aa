// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// How many connections there may be at a time, over all event loops of a server.
final class ConnectionLimit: Sendable {
  private let limit: Int
  private let taken = Atomic(0)
  /// Whether several loops share it, to which a connection that ends in another one is not reported.
  let isShared: Bool
  /// Whether the limit is what descriptors allow, and not what was asked for.
  let isOfDescriptors: Bool

  /// - Parameters:
  ///   - limit: How many connections there may be.
  ///   - loops: How many loops share it.
  ///   - isOfDescriptors: Whether the limit is what descriptors allow.
  init(_ limit: Int, loops: Int = 1, isOfDescriptors: Bool = false) {
    self.limit = limit
    self.isOfDescriptors = isOfDescriptors
    isShared = loops > 1
  }

  /// Takes room for one connection.
  ///
  /// - Returns: Whether there was any.
  func take() -> Bool {
    if taken.add(1, ordering: .relaxed).newValue <= limit { return true }
    giveBack()
    return false
  }

  /// Makes room for one connection.
  func giveBack() { taken.subtract(1, ordering: .relaxed) }

  /// Whether there is room.
  var hasRoom: Bool { taken.load(ordering: .relaxed) < limit }
}
