// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// One direction of a relay in numbers: how many bytes were taken in and passed on, and whether more can come.
package struct TransferCounters: Equatable, Sendable {
  /// Bytes taken from the source so far.
  package private(set) var taken = 0
  /// Bytes the sink has accepted so far.
  package private(set) var passed = 0
  /// Bytes that are still to be passed on and were not taken from the source.
  package private(set) var owed = 0
  /// Whether the source has no more bytes, or no more are wanted from it.
  package private(set) var hasEnded = false
  /// Why the sink takes no more, if it does not.
  package private(set) var failure: SystemError?

  /// Creates a flow of which nothing has moved yet.
  package init() {}

  /// Bytes taken but not passed on yet.
  package var pending: Int { taken - passed }
  /// Whether everything there ever will be has been passed on.
  package var isDone: Bool { hasEnded && pending == 0 && owed == 0 }
  /// Whether bytes may still be taken from the source.
  package var isOpen: Bool { !hasEnded && failure == nil }

  /// Bytes came from the source.
  package mutating func take(_ count: Int) { taken += count }
  /// The sink accepted bytes.
  package mutating func pass(_ count: Int) { passed += count }
  /// So many bytes are still to be passed on beside those that were taken.
  package mutating func owe(_ count: Int) { owed = count }
  /// The source has ended.
  package mutating func end() { hasEnded = true }
  /// The sink refuses bytes for good.
  package mutating func fail(_ error: SystemError) { failure = error }
}
