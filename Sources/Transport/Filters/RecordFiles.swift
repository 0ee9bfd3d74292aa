// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Where traffic is kept, be it of one connection or of several in any thread: files of the bytes, and a dump of them.
package struct RecordFiles: Sendable {
  /// Where the lines of a dump go.
  package enum DumpOutput: Sendable {
    /// Into a file, with a newline each.
    case file(OutputFile)
    /// To a closure that prints them, without newlines.
    case lines(@Sendable ([String]) -> Void)
  }

  /// Gets the bytes of both directions, in the order of events.
  package var both: OutputFile?
  /// Gets what was sent.
  package var sent: OutputFile?
  /// Gets what was received.
  package var received: OutputFile?
  /// Gets a dump of both directions.
  package var dumpOutput: DumpOutput?

  /// Keeps nothing yet.
  package init() {}

  /// Writes bytes that went over a connection; those of a call stay together in each file.
  ///
  /// - Throws: What a file that cannot be written reports.
  func write(_ bytes: Span<UInt8>, _ direction: TrafficDirection) throws(SystemError) {
    try both?.write(bytes)
    try (direction == .sent ? sent : received)?.write(bytes)
  }

  /// Writes lines of a dump, which stay together.
  ///
  /// - Throws: What a file that cannot be written reports.
  func write(_ lines: [String]) throws(SystemError) {
    switch dumpOutput {
    case .file(let file)?: try file.write(Array((lines.joined(separator: "\n") + "\n").utf8).span)
    case .lines(let print)?: print(lines)
    case nil: break
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
