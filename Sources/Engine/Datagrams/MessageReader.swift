// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Text
import Transport

/// Returns the messages of a source one after another, each as often as it is to be sent.
struct MessageReader {
  /// The result of a call of `next`.
  enum Next: Equatable {
    /// A message was passed on.
    case message
    /// No message is available now, but one may follow.
    case wouldBlock
    /// There are no more messages.
    case endOfStream
  }

  private let source: MessageSource
  private let repetitions: Int
  private let limit: Int
  private let room: String
  private var framing: MessageFraming
  private var isReading: Bool
  private var chunk = [UInt8](repeating: 0, count: 64 << 10)
  private var position = 0
  private var current: [UInt8] = []
  private var left = 0
  /// Whether standard input is cut into lines and one of them was not text.
  private(set) var hasBinaryLine = false

  /// - Parameters:
  ///   - repetitions: How often each message is returned.
  ///   - limit: The maximum length of a message.
  ///   - medium: The protocol that determines it, for messages.
  /// - Throws: A failure if a given message is too long, before any is returned.
  init(
    _ source: MessageSource, repetitions: Int, limit: Int, over medium: String
  ) throws(Failure) {
    self.source = source
    self.repetitions = repetitions
    self.limit = limit
    room = "the \(limit) bytes that fit into one datagram over \(medium)"
    switch source {
    case .given(let messages):
      isReading = false
      framing = MessageFraming(.whole, limit: limit)
      for (index, message) in messages.enumerated() where message.count > limit {
        let name = messages.count == 1 ? "the message" : "message \(index + 1)"
        throw Failure(.dataError, "\(name) has \(message.count) bytes, more than \(room)")
      }
    case .input(_, let rule):
      if case .blocks(let size) = rule, size > limit {
        throw Failure(.dataError, "a block of \(size) bytes is longer than \(room)")
      }
      isReading = true
      framing = MessageFraming(rule, limit: limit)
    }
  }

  /// The descriptor to wait on while `next` would block.
  var descriptor: FileDescriptor? {
    if case .input(let stream, _) = source, isReading { stream.descriptor } else { nil }
  }

  /// Passes the next message to `body`.
  ///
  /// - Throws: The error of the input, and a failure for a message that is too long.
  mutating func next(_ body: (Span<UInt8>) throws(IOFailure) -> Void) throws(Failure) -> Next {
    if left == 0 {
      switch try fetch() {
      case .message: left = repetitions
      case let other: return other
      }
    }
    left -= 1
    do { try body(current.span) } catch { throw Failure(error) }
    return .message
  }

  /// Whether a line is UTF-8 without a NUL.
  private static func isText(_ line: [UInt8]) -> Bool {
    !line.contains(0) && (try? UTF8Span(validating: line.span)) != nil
  }

  private mutating func fetch() throws(Failure) -> Next {
    switch source {
    case .given(let messages):
      guard position < messages.count else { return .endOfStream }
      current = messages[position]
      position += 1
      return .message
    case .input(let stream, let rule):
      while try !takeFramed(rule) {
        guard isReading else { return .endOfStream }
        guard try read(from: stream) else { return .wouldBlock }
      }
      return .message
    }
  }

  private mutating func takeFramed(_ rule: MessageFraming.Rule) throws(Failure) -> Bool {
    // Removed and put back, so that its memory is reused.
    var message: [UInt8] = []
    swap(&message, &current)
    message.removeAll(keepingCapacity: true)
    do throws(MessageFraming.TooLong) {
      let isThere = try framing.next { bytes in
        message.append(copying: bytes)
      }
      current = message
      if isThere, case .lines = rule, !hasBinaryLine { hasBinaryLine = !Self.isText(message) }
      return isThere
    } catch {
      let name =
        switch rule {
        case .lines: "line \(error.position) of standard input"
        case .blocks: "block \(error.position) of standard input"
        case .whole: "standard input"
        }
      throw Failure(.dataError, "\(name) is longer than \(room)")
    }
  }

  /// - Returns: Whether bytes or end-of-stream were read; `false` means that the read would block.
  private mutating func read(from stream: StandardStream) throws(Failure) -> Bool {
    do throws(IOFailure) {
      // A complete line must not wait for the next one.
      guard try stream.isReadable() else { return false }
      var buffer = chunk.mutableSpan
      switch try stream.read(into: &buffer) {
      case .moved(let count):
        let arrived = chunk
        framing.append(arrived.span.extracting(first: count))
      case .endOfStream:
        isReading = false
        framing.finish()
      case .wouldBlock: return false
      }
      return true
    } catch {
      throw Failure(error)
    }
  }
}

extension AddressFamily {
  /// The protocol that carries datagrams of the family.
  var protocolName: String {
    switch self {
    case .ipv4: "IPv4"
    case .ipv6: "IPv6"
    case .unix: "a Unix socket"
    case .vsock: "vsock"
    }
  }
}
