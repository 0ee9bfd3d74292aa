// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What is kept of the traffic of a connection, as it goes over the wire: files of the bytes, and a dump of them.
///
/// A piece is recorded as soon as the connection has accepted or delivered it, which is the order of what both
/// directions have in common.
package final class Recording {
  /// Where the lines of a dump go.
  package enum DumpOutput {
    /// Into a file, with a newline each.
    case file(OutputFile)
    /// To somebody who prints them, without newlines.
    case lines(([String]) -> Void)
  }

  /// Gets the bytes of both directions, in the order of events.
  package var both: OutputFile?
  /// Gets what was sent.
  package var sent: OutputFile?
  /// Gets what was received.
  package var received: OutputFile?
  /// Gets a dump of both directions.
  package var dumpOutput: DumpOutput?
  private var dump: TrafficDump
  /// How much is dumped at once, which bounds the memory that the lines take.
  private static let dumpPiece = 16 << 10

  /// Creates a recording that keeps nothing yet.
  package init() { dump = TrafficDump() }

  private init(label: String) { dump = TrafficDump(label: label) }

  /// A recording of another connection, in the same files.
  ///
  /// - Parameter label: What its lines in the dump begin with.
  package func sharing(label: String) -> Recording {
    let recording = Recording(label: label)
    recording.both = both
    recording.sent = sent
    recording.received = received
    recording.dumpOutput = dumpOutput
    return recording
  }

  /// Records bytes that went over the connection.
  ///
  /// - Throws: What a file that cannot be written reports.
  package func record(_ bytes: Span<UInt8>, _ direction: TrafficDirection) throws(SystemError) {
    try both?.write(bytes)
    try (direction == .sent ? sent : received)?.write(bytes)
    guard let dumpOutput else { return }
    let time = WallClock.nanoseconds
    for start in stride(from: 0, to: bytes.count, by: Self.dumpPiece) {
      let piece = bytes.extracting(start..<min(start + Self.dumpPiece, bytes.count))
      let lines = dump.lines(of: piece, direction, at: time)
      switch dumpOutput {
      case .file(let file): try file.write(Array((lines.joined(separator: "\n") + "\n").utf8).span)
      case .lines(let print): print(lines)
      }
    }
  }

  /// Closes the files.
  ///
  /// - Throws: What one reports that could not be written after all.
  package func close() throws(SystemError) {
    var files = [both, sent, received]
    if case .file(let file) = dumpOutput { files.append(file) }
    for file in files { try file?.close() }
  }
}
