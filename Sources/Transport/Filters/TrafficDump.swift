// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Formats the traffic of a connection as text lines, each piece of it from a new line on.
package struct TrafficDump: Sendable {
  /// What a line contains.
  package enum Format: Sendable {
    /// Direction, time, offset in the direction, and the bytes as `HexDump` shows them.
    case timed
    /// The offset in the piece and the bytes, as `ncat` shows them.
    case plain
  }

  private let format: Format
  private var sent = 0
  private var received = 0
  private let label: String

  /// Creates the dump of a new connection.
  ///
  /// - Parameter label: The prefix of every line, if there are several connections.
  package init(label: String = "", format: Format = .timed) {
    self.label = label
    self.format = format
  }

  /// The lines for bytes of the connection, without newlines, such as
  /// `> 2026-01-31T12:00:00.123456Z 00000000  68 65 6c 6c 6f  …  |hello|`, or `0000   68 65 6c 6c 6f  …  hello`.
  ///
  /// - Parameter time: The time of the transfer, in nanoseconds since 1970.
  package mutating func lines(
    of bytes: Span<UInt8>, _ direction: TrafficDirection, at time: Int64
  ) -> [String] {
    if case .plain = format { return HexDump.lines(of: bytes, .ncat) }
    let offset = direction == .sent ? sent : received
    if direction == .sent { sent += bytes.count } else { received += bytes.count }
    let head = "\(label)\(Character(Unicode.Scalar(direction.mark))) \(Timestamp.text(nanoseconds: time)) "
    return HexDump.lines(of: bytes, from: offset).map { head + $0 }
  }
}
