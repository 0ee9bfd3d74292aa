// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The number of datagrams in one direction, and of their bytes.
package struct DatagramTally: Equatable, Sendable {
  /// The number of datagrams, including empty ones.
  package private(set) var datagrams = 0
  /// The number of payload bytes.
  package private(set) var bytes = 0

  /// Creates counters at zero.
  package init() {}

  /// Counts some datagrams of a batch.
  mutating func add(_ batch: DatagramBatch, _ range: Range<Int>) {
    datagrams += range.count
    for index in range { bytes += batch.length(at: index) }
  }
}
