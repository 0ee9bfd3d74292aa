// SPDX-License-Identifier: GPL-3.0-or-later

/// The bytes to send besides the payload, on their way from the direction that produces them to the one that sends
/// them.
package final class ControlQueue {
  private var bytes: [UInt8] = []
  private var isClosed = false
  /// The limit of unsent answers: beyond it, nothing more is received from a peer that sends requests and does not
  /// read.
  private static let capacity = 4096

  /// Creates an empty queue.
  package init() {}

  /// Whether there is nothing to send.
  package var isEmpty: Bool { bytes.isEmpty }
  /// The number of bytes to send.
  package var count: Int { bytes.count }
  /// Whether further answers have to wait.
  package var isFull: Bool { bytes.count >= Self.capacity }

  /// Adds answers; after `close()` they are dropped.
  package func add(_ answers: [UInt8]) {
    if !isClosed { bytes += answers }
  }

  /// Removes all bytes, to be sent now, and appends them to a result.
  package func move(to result: inout [UInt8]) {
    result += bytes
    bytes.removeAll()
  }

  /// Drops all present and future bytes, because nothing more can be sent.
  package func close() {
    isClosed = true
    bytes.removeAll()
  }
}
