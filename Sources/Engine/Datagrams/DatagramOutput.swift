// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// Standard output for what is written of datagrams: gathered while more are waiting, written when none is.
package final class DatagramOutput {
  private let format: any DatagramFormat
  private let stream = StandardStream(.output)
  private var pending: [UInt8] = []

  /// When to write even though more datagrams are waiting, in bytes.
  private static let gatheredAtMost = 256 << 10

  /// Creates an output in a format.
  package init(_ format: any DatagramFormat) { self.format = format }

  /// What of datagrams is written beside their bytes.
  package var detail: DatagramDetail { format.detail }

  /// Whether there is something to write.
  package var isEmpty: Bool { pending.isEmpty }

  /// Whether so much has gathered that it has to be written.
  package var isFull: Bool { pending.count >= Self.gatheredAtMost }

  /// Adds each datagram of a batch, in the format.
  package func add(_ batch: DatagramBatch) {
    for index in 0..<batch.count { add(batch, at: index) }
  }

  /// Adds one datagram of a batch, in the format.
  func add(_ batch: DatagramBatch, at index: Int) { format.write(batch, at: index, to: &pending) }

  /// Writes as much as fits now.
  ///
  /// - Returns: Whether all of it is written; `false` means that the stream would block.
  package func write() throws(SystemError) -> Bool {
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

  /// The descriptor to wait on until more fits.
  package var number: FileDescriptor { stream.number }

  /// Whether the other end can go away while nothing is written, as that of a pipe can.
  package var canBreak: Bool { [.pipe, .opaque].contains(stream.medium) }

  /// Closes the stream.
  ///
  /// - Throws: What `close` reports of data that could not be written after all.
  package func close() throws(SystemError) {
    if stream.medium != .terminal { try stream.close() }
  }
}
