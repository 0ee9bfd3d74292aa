// SPDX-License-Identifier: GPL-3.0-or-later

/// What is to be sent beside the payload, on its way from the direction that found it due to the one that sends it.
package final class ControlQueue {
  private var bytes: [UInt8] = []
  private var isClosed = false
  /// A peer that asks and does not read is no longer listened to when so much is unsent.
  private static let capacity = 4096

  /// Creates an empty queue.
  package init() {}

  /// Whether there is nothing to send.
  package var isEmpty: Bool { bytes.isEmpty }
  /// The bytes to be sent.
  package var count: Int { bytes.count }
  /// Whether more has to wait.
  package var isFull: Bool { bytes.count >= Self.capacity }

  /// Adds answers; after `close()` they are dropped.
  package func add(_ answers: [UInt8]) {
    if !isClosed { bytes += answers }
  }

  /// Takes everything out, to be sent now, and adds it to a result.
  package func move(to result: inout [UInt8]) {
    result += bytes
    bytes.removeAll()
  }

  /// Drops what is there and what will come, because nothing more can be sent.
  package func close() {
    isClosed = true
    bytes.removeAll()
  }
}
