// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The counters of one direction of a relay: how many bytes were taken and passed on, and whether more may follow.
package struct TransferCounters: Equatable, Sendable {
  /// Bytes taken from the source so far.
  package private(set) var taken = 0
  /// Bytes the sink has accepted so far.
  package private(set) var passed = 0
  /// Bytes still to be passed on that were not taken from the source.
  package private(set) var owed = 0
  /// Whether the source has ended, or no more bytes are taken from it.
  package private(set) var hasEnded = false
  /// The error with which the sink failed, if it did.
  package private(set) var failure: IOFailure?

  /// Creates counters at zero.
  package init() {}

  /// Bytes taken but not passed on yet.
  package var pending: Int { taken - passed }
  /// Whether everything has been passed on and the source has ended.
  package var isDone: Bool { hasEnded && pending == 0 && owed == 0 }
  /// Whether bytes may still be taken from the source.
  package var isOpen: Bool { !hasEnded && failure == nil }

  /// Bytes came from the source.
  package mutating func take(_ count: Int) { taken += count }
  /// The sink accepted bytes.
  package mutating func pass(_ count: Int) { passed += count }
  /// Sets the number of bytes still to be passed on besides those taken from the source.
  package mutating func owe(_ count: Int) { owed = count }
  /// The source has ended.
  package mutating func end() { hasEnded = true }
  /// The sink has failed and accepts no more bytes.
  package mutating func fail(_ error: IOFailure) { failure = error }
}
