// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The result of a buffer experiment; all counts are bytes of payload unless stated otherwise.
package struct BufferMeasurement: Equatable, Sendable {
  /// The fate of datagrams, which the kernel never refuses.
  package struct Datagrams: Equatable, Sendable {
    /// The number of datagrams sent.
    package let sent: Int
    /// The number that could be read afterwards.
    package let kept: Int
    /// The number that the kernel reports as dropped.
    package let dropped: Int

    /// Creates the counts.
    package init(sent: Int, kept: Int, dropped: Int) {
      self.sent = sent
      self.kept = kept
      self.dropped = dropped
    }
  }

  /// The transport.
  package let transport: LoopbackTransport
  /// The writer's buffer.
  package let sendBuffer: BufferSize
  /// The reader's buffer.
  package let receiveBuffer: BufferSize
  /// The number of bytes that the kernel accepted from the writer.
  package let bytesTaken: Int
  /// The number of writes that they were accepted in.
  package let writes: Int
  /// The number of bytes waiting in the writer's buffer.
  package let bytesInSender: Int
  /// The number of bytes waiting in the reader's buffer.
  package let bytesInReceiver: Int
  /// The fate of datagrams; `nil` for a stream.
  package let datagrams: Datagrams?

  /// Creates a result.
  package init(
    transport: LoopbackTransport, sendBuffer: BufferSize, receiveBuffer: BufferSize, bytesTaken: Int,
    writes: Int, bytesInSender: Int, bytesInReceiver: Int, datagrams: Datagrams? = nil
  ) {
    self.transport = transport
    self.sendBuffer = sendBuffer
    self.receiveBuffer = receiveBuffer
    self.bytesTaken = bytesTaken
    self.writes = writes
    self.bytesInSender = bytesInSender
    self.bytesInReceiver = bytesInReceiver
    self.datagrams = datagrams
  }
}
