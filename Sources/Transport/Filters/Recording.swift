// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What is kept of the traffic of a connection, as it goes over the wire.
///
/// A piece is recorded as soon as the connection has accepted or delivered it, which is the order of what both
/// directions have in common.
package final class Recording {
  private let files: RecordFiles
  private var dump: TrafficDump
  /// How much is dumped at once, which bounds the memory that the lines take.
  private static let dumpPiece = 16 << 10

  /// Creates the recording of a connection at its beginning.
  ///
  /// - Parameter label: What its lines in the dump begin with, where there are several connections.
  package init(in files: RecordFiles, label: String = "") {
    self.files = files
    dump = TrafficDump(label: label)
  }

  /// A recording of another connection, in the same files.
  ///
  /// - Parameter label: What its lines in the dump begin with.
  package func sharing(label: String) -> Recording { Recording(in: files, label: label) }

  /// Records bytes that went over the connection.
  ///
  /// - Throws: What a file that cannot be written reports.
  package func record(_ bytes: Span<UInt8>, _ direction: TrafficDirection) throws(SystemError) {
    try files.write(bytes, direction)
    guard files.dumpOutput != nil else { return }
    let time = WallClock.nanoseconds
    for start in stride(from: 0, to: bytes.count, by: Self.dumpPiece) {
      let piece = bytes.extracting(start..<min(start + Self.dumpPiece, bytes.count))
      try files.write(dump.lines(of: piece, direction, at: time))
    }
  }

  /// Closes the files.
  ///
  /// - Throws: What one reports that could not be written after all.
  package func close() throws(SystemError) { try files.close() }
}
