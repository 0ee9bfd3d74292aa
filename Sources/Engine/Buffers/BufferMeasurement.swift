// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a buffer experiment found; all counts are bytes of payload unless they say otherwise.
package struct BufferMeasurement: Equatable, Sendable {
  /// What became of datagrams, which the kernel never refuses.
  package struct Datagrams: Equatable, Sendable {
    /// How many were sent.
    package let sent: Int
    /// How many could be read afterwards.
    package let kept: Int
    /// How many the kernel says it dropped.
    package let dropped: Int

    /// States the counts.
    package init(sent: Int, kept: Int, dropped: Int) {
      self.sent = sent
      self.kept = kept
      self.dropped = dropped
    }
  }

  /// What carried the bytes.
  package let transport: LoopbackTransport
  /// The writer's buffer.
  package let sendBuffer: BufferSize
  /// The reader's buffer.
  package let receiveBuffer: BufferSize
  /// What the kernel took from the writer.
  package let bytesTaken: Int
  /// In how many writes.
  package let writes: Int
  /// How many of the bytes wait in the writer's buffer.
  package let bytesInSender: Int
  /// How many of them wait in the reader's buffer.
  package let bytesInReceiver: Int
  /// The fate of datagrams; `nil` for a stream.
  package let datagrams: Datagrams?

  /// States what was found.
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
