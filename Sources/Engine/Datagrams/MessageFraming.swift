// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Cuts a stream of bytes into messages, however the bytes arrive.
package struct MessageFraming {
  /// Where a message ends.
  package enum Rule: Equatable, Sendable {
    /// At each newline, which belongs to the message or does not.
    case lines(keepsNewline: Bool)
    /// After this many bytes.
    case blocks(Int)
    /// At the end of the stream, which makes one message even if it is empty.
    case whole
  }

  /// A message that is longer than a datagram can be.
  package struct TooLong: Error, Equatable, Sendable {
    /// Which message of the stream, counted from 1.
    package let position: Int

    /// Names a message by its position.
    package init(position: Int) { self.position = position }
  }

  private static let newline = UInt8(ascii: "\n")

  private let rule: Rule
  private let limit: Int
  private var buffer: [UInt8] = []
  /// Where the bytes begin that are not yet part of a message, and how far they were searched for its end.
  private var start = 0
  private var searched = 0
  private var position = 0
  private var hasEnded = false

  /// - Parameter limit: The most bytes of a message.
  package init(_ rule: Rule, limit: Int) {
    self.rule = rule
    self.limit = limit
  }

  /// Takes in what the stream brought.
  package mutating func append(_ bytes: Span<UInt8>) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    buffer.append(copying: bytes)
  }

  /// Takes note that nothing more comes.
  package mutating func finish() { hasEnded = true }

  /// Passes the next message that is complete to `body`.
  ///
  /// - Returns: Whether there was one.
  /// - Throws: `TooLong` as soon as a message cannot end within the limit, so that no more of it is ever held.
  package mutating func next(_ body: (Span<UInt8>) -> Void) throws(TooLong) -> Bool {
    guard let (end, rest) = try boundary() else { return false }
    position += 1
    let from = start
    start = rest
    searched = rest
    body(buffer.span.extracting(from..<end))
    return true
  }

  /// Where the next message ends, and where the bytes behind it begin.
  private mutating func boundary() throws(TooLong) -> (end: Int, rest: Int)? {
    let available = buffer.count - start
    switch rule {
    case .lines(let keepsNewline):
      while searched < buffer.count {
        if buffer[searched] == Self.newline {
          let end = searched + (keepsNewline ? 1 : 0)
          guard end - start <= limit else { throw TooLong(position: position + 1) }
          return (end, searched + 1)
        }
        searched += 1
      }
      guard available <= limit else { throw TooLong(position: position + 1) }
      return hasEnded && available > 0 ? (buffer.count, buffer.count) : nil
    case .blocks(let size):
      if available >= size { return (start + size, start + size) }
      return hasEnded && available > 0 ? (buffer.count, buffer.count) : nil
    case .whole:
      guard available <= limit else { throw TooLong(position: 1) }
      return hasEnded && position == 0 ? (buffer.count, buffer.count) : nil
    }
  }
}
