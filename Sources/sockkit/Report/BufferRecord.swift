// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// What a buffer experiment found, in JSON; what does not apply is left out.
struct BufferRecord: Encodable {
  /// One of the two buffers, in bytes.
  struct Buffer: Encodable {
    let requested: Int?
    let `default`: Int
    let effective: Int
    /// Present for TCP alone, which changes the size while it runs.
    let effectiveAfter: Int?
    let maximum: Int
    /// Where TCP's own tuning ends.
    let autotuningMaximum: Int?

    /// Takes over a size.
    init(_ size: BufferSize, isTuned: Bool) {
      requested = size.requested
      `default` = size.initial
      effective = size.effective
      effectiveAfter = isTuned ? size.effectiveAfter : nil
      maximum = size.limit.maximum
      autotuningMaximum = size.limit.tuningMaximum
    }
  }

  let transport: String
  let sendBuffer: Buffer
  let receiveBuffer: Buffer
  let bytesTaken: Int
  let writes: Int
  let bytesInSender: Int
  let bytesInReceiver: Int
  /// Datagrams that were sent.
  let datagrams: Int?
  /// Datagrams that could be read afterwards.
  let kept: Int?
  /// Datagrams that the kernel counted as dropped.
  let dropped: Int?

  /// Takes over a measurement.
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
