// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The files for recorded traffic, of one connection or of several in any thread: files of the bytes, and a dump of
/// them.
package struct RecordFiles: Sendable {
  /// The destination of the lines of a dump.
  package enum DumpOutput: Sendable {
    /// A file, with a newline after each line.
    case file(OutputFile)
    /// A closure that prints the lines, which have no newlines.
    case lines(@Sendable ([String], TrafficDirection) -> Void)
  }

  /// The file for both directions, in the order of events.
  package var both: OutputFile?
  /// The file for sent bytes.
  package var sent: OutputFile?
  /// The file for received bytes.
  package var received: OutputFile?
  /// The destination for a dump of both directions.
  package var dumpOutput: DumpOutput?
  /// What the lines of a dump contain.
  package var dumpFormat = TrafficDump.Format.timed

  /// Creates a set without files.
  package init() {}

  /// Writes bytes of a connection; those of one call stay together in each file.
  ///
  /// - Throws: The error of a file that cannot be written.
  func write(_ bytes: Span<UInt8>, _ direction: TrafficDirection) throws(IOFailure) {
    try both?.write(bytes)
    try (direction == .sent ? sent : received)?.write(bytes)
  }

  /// Writes lines of a dump of one direction, which stay together.
  ///
  /// - Throws: The error of a file that cannot be written.
  func write(_ lines: [String], _ direction: TrafficDirection) throws(IOFailure) {
    switch dumpOutput {
    case .file(let file)?: try file.write(Array((lines.joined(separator: "\n") + "\n").utf8).span)
    case .lines(let print)?: print(lines, direction)
    case nil: break
    }
  }

  /// Closes the files.
  ///
  /// - Throws: The error of data that could not be written after all.
  package func close() throws(IOFailure) {
    var files = [both, sent, received]
    if case .file(let file) = dumpOutput { files.append(file) }
    for file in files { try file?.close() }
  }
}
