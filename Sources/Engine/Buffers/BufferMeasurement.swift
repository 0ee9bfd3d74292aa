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

/// One of the two buffers between a writer and a reader.
package enum BufferSide: Sendable {
  /// The writer's, `SO_SNDBUF`.
  case send
  /// The reader's, `SO_RCVBUF`.
  case receive

  /// The option that sets and reports its size.
  package var option: SocketOption { self == .send ? .sendBuffer : .receiveBuffer }

  /// The kernel's limit for the option.
  package var maximum: KernelParameter { self == .send ? .sendBufferMaximum : .receiveBufferMaximum }

  /// The limits of TCP's automatic sizing if the option is not set; the third number is the maximum.
  package var tuning: KernelParameter { self == .send ? .tcpSendBuffer : .tcpReceiveBuffer }
}

/// The limit of the size of one buffer, in bytes.
package struct BufferLimit: Equatable, Sendable {
  /// The maximum that `setsockopt` accepts, which the kernel doubles like any other size.
  package let maximum: Int
  /// Whether the kernel's parameter could not be read, so that the maximum was determined by requesting too much.
  package let isProbed: Bool
  /// The maximum of TCP's automatic sizing, if no size is requested; `nil` for other transports, or if it cannot be
  /// read.
  package let tuningMaximum: Int?

  /// Creates a limit.
  package init(maximum: Int, isProbed: Bool = false, tuningMaximum: Int? = nil) {
    self.maximum = maximum
    self.isProbed = isProbed
    self.tuningMaximum = tuningMaximum
  }

  /// Reads the limit of one side from the kernel's parameters.
  package init(of side: BufferSide, for transport: LoopbackTransport) throws(IOFailure) {
    let known = side.maximum.numbers?.first
    maximum = if let known { known } else { try Self.probe(side, transport) }
    isProbed = known == nil
    tuningMaximum = transport == .tcp ? side.tuning.numbers?.last : nil
  }

  /// Requests more than the maximum: the kernel cuts the size to the maximum before it doubles it.
  private static func probe(_ side: BufferSide, _ transport: LoopbackTransport) throws(IOFailure) -> Int {
    let socket = try transport.freshSocket()
    try side.option.set(Int(Int32.max), on: socket.number)
    return try side.option.value(on: socket.number) / 2
  }
}
