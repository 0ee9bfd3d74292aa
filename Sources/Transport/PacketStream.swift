// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// A `SOCK_SEQPACKET` socket as the far side of a relay: a stream of messages whose boundaries the kernel keeps.
///
/// A message is received whole or not at all. An empty one cannot be told from the end of the stream.
package final class PacketStream: SocketStream {
  /// What becomes one message.
  package enum Framing: Sendable {
    /// The bytes of one write.
    case writes
    /// A line with its newline, or a last line without one.
    case lines
  }

  private let framing: Framing
  private let longest: Int
  /// The beginning of a line whose end has not come yet.
  private var line: [UInt8] = []

  /// The longest line that is one message; the kernel takes no message that is larger than the send buffer.
  package static let longestLine = 64 << 10

  /// Takes ownership of a connected socket.
  ///
  /// - Parameter longest: The maximum size of the message that one write becomes.
  package init(_ socket: consuming StreamSocket, framing: Framing, longest: Int = .max) {
    self.framing = framing
    self.longest = longest
    super.init(socket)
  }

  /// Not a socket that the kernel could move bytes into or out of in pieces of its own choice.
  package override var medium: DescriptorKind { .opaque }
  package override var isReadWhole: Bool { true }

  /// Receives one message.
  ///
  /// - Throws: `EMSGSIZE` if the message is larger than the buffer.
  package override func read(
    into buffer: inout MutableSpan<UInt8>, atMost limit: Int
  ) throws(IOFailure) -> Transfer {
    do { return try .receiveMessage(from: descriptor, into: &buffer) } catch { throw readError(error) }
  }

  /// Sends one message: the buffer, or its first line.
  package override func write(_ buffer: Span<UInt8>, moreFollows: Bool) throws(IOFailure) -> Transfer {
    guard framing == .lines else {
      return try super.write(buffer.extracting(first: longest), moreFollows: false)
    }
    let room = Self.longestLine - line.count
    let end = (0..<min(buffer.count, room)).first { buffer[$0] == ASCII.lineFeed }
    let count = end.map { $0 + 1 } ?? min(buffer.count, room)
    if end == nil, count < room {
      line.append(copying: buffer.extracting(first: count))
      return .moved(count)
    }
    guard !line.isEmpty else { return try super.write(buffer.extracting(first: count), moreFollows: false) }
    var whole = line
    whole.append(copying: buffer.extracting(first: count))
    guard case .moved = try super.write(whole.span, moreFollows: false) else { return .wouldBlock }
    line.removeAll(keepingCapacity: true)
    return .moved(count)
  }

  /// Sends a last line without a newline, and half-closes the connection.
  package override func finish() throws(IOFailure) -> Finish {
    try sendRest() ? super.finish() : .wouldBlock
  }

  /// Sends a last line without a newline before an orderly close of a connection that was not half-closed.
  package override func setCloseRule(_ rule: CloseRule) throws(IOFailure) -> Finish {
    guard rule == .orderly else { return try super.setCloseRule(rule) }
    return try sendRest() ? super.setCloseRule(rule) : .wouldBlock
  }

  /// - Returns: Whether nothing is left to send.
  private func sendRest() throws(IOFailure) -> Bool {
    guard !line.isEmpty else { return true }
    let rest = line
    guard case .moved = try super.write(rest.span, moreFollows: false) else { return false }
    line.removeAll()
    return true
  }
}
