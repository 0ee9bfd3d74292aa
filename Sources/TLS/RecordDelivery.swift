// SPDX-License-Identifier: GPL-3.0-or-later

/// Converts the number of bytes of records that the peer's system has acknowledged into the number of bytes of payload.
package struct RecordDelivery {
  /// The end of a write: the number of bytes of payload, and of records, up to there.
  private struct Mark {
    var payload: Int
    var record: Int
  }

  /// The ends of writes that are not known to be acknowledged.
  private var marks: [Mark] = []
  private var written = 0
  private var acknowledged = 0
  /// Where close_notify ends, once it is sent.
  private var end: Int?
  private var isEndAcknowledged = false

  /// The maximum number of marks. Beyond it, neighbours are merged: their payload then counts as acknowledged a little
  /// later.
  private static let mostMarks = 256

  /// Creates the state of a connection on which nothing was written.
  package init() {}

  /// Notes that payload was written.
  package mutating func didWrite(_ count: Int, endingAtRecordByte record: Int) {
    written += count
    marks.append(Mark(payload: written, record: record))
    guard marks.count > Self.mostMarks else { return }
    marks =
      stride(from: 1, to: marks.count, by: 2).map { marks[$0] }
      + (marks.count % 2 == 1 ? [marks[marks.count - 1]] : [])
  }

  /// Notes that close_notify was written.
  package mutating func didEnd(atRecordByte record: Int) { end = record }

  /// The number of bytes of payload that are acknowledged.
  package mutating func acknowledged(recordBytesAcknowledged count: Int) -> Int {
    let done = marks.prefix { $0.record <= count }
    if let last = done.last {
      acknowledged = last.payload
      marks.removeFirst(done.count)
    }
    if let end, end <= count { isEndAcknowledged = true }
    return acknowledged
  }

  /// The number of bytes of payload that are not acknowledged, with close_notify counting as one.
  package mutating func unacknowledged(recordBytesAcknowledged count: Int) -> Int {
    let open = written - acknowledged(recordBytesAcknowledged: count)
    return open + (end != nil && !isEndAcknowledged ? 1 : 0)
  }
}
