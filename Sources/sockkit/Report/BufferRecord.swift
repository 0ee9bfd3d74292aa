// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// The results of a buffer experiment in JSON; values that do not apply are omitted.
struct BufferRecord: Encodable {
  /// One of the two buffers, in bytes.
  struct Buffer: Encodable {
    /// The size that was requested; `nil` for none.
    let requested: Int?
    /// The size of a new socket's buffer.
    let `default`: Int
    /// The size that the kernel has set.
    let effective: Int
    /// The size at the end; only for TCP, which changes it while it runs.
    let effectiveAfter: Int?
    /// The maximum size that can be requested.
    let maximum: Int
    /// The limit of TCP's own tuning.
    let autotuningMaximum: Int?

    /// Creates the record of a size.
    init(_ size: BufferSize, isTuned: Bool) {
      requested = size.requested
      `default` = size.initial
      effective = size.effective
      effectiveAfter = isTuned ? size.effectiveAfter : nil
      maximum = size.limit.maximum
      autotuningMaximum = size.limit.tuningMaximum
    }
  }

  /// The transport of the experiment.
  let transport: String
  /// The buffer of the writer.
  let sendBuffer: Buffer
  /// The buffer of the reader.
  let receiveBuffer: Buffer
  /// The number of bytes that the kernel took.
  let bytesTaken: Int
  /// The number of writes.
  let writes: Int
  /// The number of bytes waiting in the writer's buffer.
  let bytesInSender: Int
  /// The number of bytes waiting in the reader's buffer.
  let bytesInReceiver: Int
  /// The number of datagrams that were sent.
  let datagrams: Int?
  /// The number of datagrams that could be read afterwards.
  let kept: Int?
  /// The number of datagrams that the kernel counted as dropped.
  let dropped: Int?

  /// Creates the record of a measurement.
  init(_ measurement: BufferMeasurement) {
    let isTuned = measurement.transport == .tcp
    transport = measurement.transport.rawValue
    sendBuffer = Buffer(measurement.sendBuffer, isTuned: isTuned)
    receiveBuffer = Buffer(measurement.receiveBuffer, isTuned: isTuned)
    bytesTaken = measurement.bytesTaken
    writes = measurement.writes
    bytesInSender = measurement.bytesInSender
    bytesInReceiver = measurement.bytesInReceiver
    datagrams = measurement.datagrams?.sent
    kept = measurement.datagrams?.kept
    dropped = measurement.datagrams?.dropped
  }
}
