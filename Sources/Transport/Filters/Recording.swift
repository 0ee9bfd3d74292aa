// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Records the traffic of a connection, as it goes over the wire.
///
/// A piece is recorded as soon as the connection has accepted or delivered it, which gives a common order of both
/// directions.
package final class Recording {
  private let files: RecordFiles
  private var trafficDump: TrafficDump
  /// The number of bytes that are dumped at once, which limits the memory for the lines.
  private static let dumpPiece = 16 << 10

  /// Creates the recording of a new connection.
  ///
  /// - Parameter label: The prefix of its lines in the dump, if there are several connections.
  package init(in files: RecordFiles, label: String = "") {
    self.files = files
    trafficDump = TrafficDump(label: label, format: files.dumpFormat)
  }

  /// A recording of another connection, in the same files.
  ///
  /// - Parameter label: The prefix of its lines in the dump.
  package func sharing(label: String) -> Recording { Recording(in: files, label: label) }

  /// Records bytes of the connection.
  ///
  /// - Throws: The error of a file that cannot be written.
  package func record(_ bytes: Span<UInt8>, _ direction: TrafficDirection) throws(IOFailure) {
    try files.write(bytes, direction)
    try dump(bytes, direction)
  }

  /// Shows bytes in the dump only, such as those of a dialogue that precedes the payload.
  ///
  /// - Throws: The error of a file that cannot be written.
  package func dump(_ bytes: Span<UInt8>, _ direction: TrafficDirection) throws(IOFailure) {
    guard files.dumpOutput != nil else { return }
    let time = WallClock.nanoseconds
    for start in stride(from: 0, to: bytes.count, by: Self.dumpPiece) {
      let piece = bytes.extracting(start..<min(start + Self.dumpPiece, bytes.count))
      try files.write(trafficDump.lines(of: piece, direction, at: time), direction)
    }
  }

  /// Closes the files.
  ///
  /// - Throws: The error of data that could not be written after all.
  package func close() throws(IOFailure) { try files.close() }
}
