// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// Standard output for received datagrams: collected while more are available, written when none is.
package final class DatagramOutput {
  private let format: any DatagramFormat
  private let stream = StandardStream(.output)
  private var pending: [UInt8] = []

  /// The number of bytes to write even if more datagrams are available.
  private static let gatheredAtMost = 256 << 10

  /// Creates an output in a format.
  package init(_ format: any DatagramFormat) { self.format = format }

  /// The details that are written besides the bytes.
  package var detail: DatagramDetail { format.detail }

  /// Whether there is nothing to write.
  package var isEmpty: Bool { pending.isEmpty }

  /// Whether so much has been collected that it must be written.
  package var isFull: Bool { pending.count >= Self.gatheredAtMost }

  /// Appends each datagram of a batch, in the format.
  package func add(_ batch: DatagramBatch) {
    for index in 0..<batch.count { add(batch, at: index) }
  }

  /// Appends one datagram of a batch, in the format.
  func add(_ batch: DatagramBatch, at index: Int) { format.write(batch, at: index, to: &pending) }

  /// Writes as much as fits now.
  ///
  /// - Returns: Whether everything is written; `false` means that the stream would block.
  package func write() throws(IOFailure) -> Bool {
    var written = 0
    defer { pending.removeFirst(written) }
    while written < pending.count {
      let bytes = pending
      guard case .moved(let count) = try stream.write(bytes.span.extracting(written...)) else {
        return false
      }
      written += count
    }
    return true
  }

  /// The descriptor to wait on until more can be written.
  package var descriptor: FileDescriptor { stream.descriptor }

  /// Whether the reader can close its end while nothing is written, as with a pipe.
  package var canBreak: Bool { [.pipe, .opaque].contains(stream.medium) }

  /// Closes the stream.
  ///
  /// - Throws: The error that `close` reports for data that could not be written after all.
  package func close() throws(IOFailure) {
    if stream.medium != .terminal { try stream.close() }
  }
}
