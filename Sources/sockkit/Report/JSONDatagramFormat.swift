// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import Text

/// One datagram as a line of JSON.
struct JSONDatagramFormat: DatagramFormat {
  private struct Record: Encodable {
    /// The time at which the kernel received it: UTC, in the format of RFC 3339, to the microsecond.
    let time: String?
    let source: AddressRecord
    let destination: AddressRecord
    let length: Int
    let truncated: Bool
    /// The payload if it is UTF-8, otherwise in Base64 (RFC 4648, section 4).
    let text: String?
    let base64: String?
  }

  /// All details.
  var detail: DatagramDetail { .everything }

  /// Appends the line of one datagram.
  func write(_ batch: DatagramBatch, at index: Int, to output: inout [UInt8]) {
    let datagram = batch.datagram(at: index)
    let (text, base64) = batch.withBytes(at: index) { bytes in
      let text = TerminalSafe.text(utf8: bytes)
      return (text, text == nil ? Base64.text(of: bytes) : nil)
    }
    let record = Record(
      time: datagram.received.map(Timestamp.text), source: AddressRecord(datagram.source),
      destination: AddressRecord(datagram.destination), length: datagram.length,
      truncated: datagram.isTruncated, text: text, base64: base64)
    output.append(contentsOf: "\(JSONLine.encode(record))\n".utf8)
  }
}
