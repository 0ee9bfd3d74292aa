// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The traffic of a connection as lines for people: direction, time, offset, and what `HexDump` makes of the bytes.
///
/// Each piece begins a line of its own, because it has a time of its own; each direction has its own offset.
package struct TrafficDump: Sendable {
  private var sent = 0
  private var received = 0
  private let label: String

  /// Creates a dump at the beginning of a connection.
  ///
  /// - Parameter label: What every line begins with, where there are several connections.
  package init(label: String = "") { self.label = label }

  /// The lines for bytes that went over the connection, without newlines, such as
  /// `> 2026-01-31T12:00:00.123456Z 00000000  68 65 6c 6c 6f  …  |hello|`.
  ///
  /// - Parameter time: When that was, in nanoseconds since 1970.
  package mutating func lines(
    of bytes: Span<UInt8>, _ direction: TrafficDirection, at time: Int64
  ) -> [String] {
    let offset = direction == .sent ? sent : received
    if direction == .sent { sent += bytes.count } else { received += bytes.count }
    let head = "\(label)\(Character(Unicode.Scalar(direction.mark))) \(Timestamp.text(nanoseconds: time)) "
    return HexDump.lines(of: bytes, from: offset).map { head + $0 }
  }
}
