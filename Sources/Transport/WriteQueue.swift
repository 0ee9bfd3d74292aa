// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule

/// What one client has still to be sent, up to a limit; what goes to many clients is kept once.
package struct WriteQueue {
  private var parts: Deque<[UInt8]> = []
  private var offset = 0
  /// How many bytes there are.
  package private(set) var count = 0

  /// From how many bytes on it is full.
  package static let limit = 1 << 20
  /// From how many parts on it is full: each costs memory beside its bytes.
  package static let mostParts = 1024

  /// Creates an empty one.
  package init() {}

  /// Whether there is nothing to send.
  package var isEmpty: Bool { count == 0 }

  /// Whether so much is there that nothing should be added: what has been taken by then still fits.
  package var isFull: Bool { count >= Self.limit || parts.count >= Self.mostParts }

  /// Adds bytes behind the others.
  ///
  /// - Parameter start: Where in them to begin.
  package mutating func append(_ bytes: [UInt8], from start: Int = 0) {
    guard start < bytes.count else { return }
    if parts.isEmpty { offset = start }
    parts.append(parts.isEmpty || start == 0 ? bytes : Array(bytes[start...]))
    count += bytes.count - start
  }

  /// Offers the bytes in front to somebody who takes some of them.
  ///
  /// - Parameter take: Returns how many it has taken.
  /// - Returns: Whether it has taken all that it was offered.
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

  /// Forgets everything.
  package mutating func removeAll() { self = WriteQueue() }
}
