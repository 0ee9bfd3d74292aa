// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// Splits a stream of bytes into messages, however the bytes arrive.
package struct MessageFraming {
  /// The end of a message.
  package enum Rule: Equatable, Sendable {
    /// At each newline, which is included in the message or not.
    case lines(keepsNewline: Bool)
    /// After this many bytes.
    case blocks(Int)
    /// At the end of the stream, which makes one message even if it is empty.
    case whole
  }

  /// A message that is longer than a datagram can be.
  package struct TooLong: Error, Equatable, Sendable {
    /// The position of the message in the stream, counted from 1.
    package let position: Int

    /// Creates an error for the message at a position.
    package init(position: Int) { self.position = position }
  }

  private static let newline = UInt8(ascii: "\n")

  private let rule: Rule
  private let limit: Int
  private var buffer: [UInt8] = []
  /// The start of the bytes that are not yet part of a message, and the position up to which they were searched for its
  /// end.
  private var start = 0
  private var searched = 0
  private var position = 0
  private var hasEnded = false

  /// - Parameter limit: The maximum length of a message in bytes.
  package init(_ rule: Rule, limit: Int) {
    self.rule = rule
    self.limit = limit
  }

  /// Adds bytes of the stream.
  package mutating func append(_ bytes: Span<UInt8>) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    buffer.append(copying: bytes)
  }

  /// Notes the end of the stream.
  package mutating func finish() { hasEnded = true }

  /// Passes the next complete message to `body`.
  ///
  /// - Returns: Whether there was one.
  /// - Throws: `TooLong` as soon as a message cannot end within the limit, so that no more of it is stored.
  package mutating func next(_ body: (Span<UInt8>) -> Void) throws(TooLong) -> Bool {
    guard let (end, rest) = try boundary() else { return false }
    position += 1
    let from = start
    start = rest
    searched = rest
    body(buffer.span.extracting(from..<end))
    return true
  }

  /// The end of the next message, and the start of the bytes after it.
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

/// The source of the messages that are sent as datagrams: the command line, or standard input.
package enum MessageSource {
  /// These messages, one datagram each.
  case given([[UInt8]])
  /// Standard input, split by a rule.
  case input(StandardStream, MessageFraming.Rule)

  /// Whether messages arrive over time, without a known end.
  var isStream: Bool {
    if case .input = self { true } else { false }
  }
}
