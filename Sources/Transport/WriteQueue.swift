// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule

/// The bytes still to be sent to one client, up to a limit; bytes for many clients are stored once.
package struct WriteQueue {
  private var parts: Deque<[UInt8]> = []
  private var offset = 0
  /// The number of bytes.
  package private(set) var count = 0

  /// The number of bytes at which the queue is full.
  package static let limit = 1 << 20
  /// The number of parts at which the queue is full: each costs memory besides its bytes.
  package static let mostParts = 1024

  /// Creates an empty queue.
  package init() {}

  /// Whether there is nothing to send.
  package var isEmpty: Bool { count == 0 }

  /// Whether nothing should be added; bytes that have already been read still fit.
  package var isFull: Bool { count >= Self.limit || parts.count >= Self.mostParts }

  /// Appends bytes.
  ///
  /// - Parameter start: The index of the first byte to append.
  package mutating func append(_ bytes: [UInt8], from start: Int = 0) {
    guard start < bytes.count else { return }
    if parts.isEmpty { offset = start }
    parts.append(parts.isEmpty || start == 0 ? bytes : Array(bytes[start...]))
    count += bytes.count - start
  }

  /// Passes the first bytes to a closure that takes some of them.
  ///
  /// - Parameter take: Returns the number of bytes that it has taken.
  /// - Returns: Whether it has taken all bytes that it was offered.
  package mutating func offer<Failure>(
    _ take: (Span<UInt8>) throws(Failure) -> Int
  ) throws(Failure) -> Bool {
    guard let first = parts.first else { return true }
    let size = first.count - offset
    let taken = try take(first.span.extracting(offset...))
    count -= taken
    offset += taken
    guard taken == size else { return false }
    parts.removeFirst()
    offset = 0
    return true
  }

  /// Removes everything.
  package mutating func removeAll() { self = WriteQueue() }
}
