// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// How many datagrams went one way, and how many bytes were in them.
package struct DatagramTally: Equatable, Sendable {
  /// The datagrams, those of no bytes included.
  package private(set) var datagrams = 0
  /// The bytes of their payload.
  package private(set) var bytes = 0

  /// Creates a tally of none.
  package init() {}

  /// Counts some datagrams of a batch.
  mutating func add(_ batch: DatagramBatch, _ range: Range<Int>) {
    datagrams += range.count
    for index in range { bytes += batch.length(at: index) }
  }
}
