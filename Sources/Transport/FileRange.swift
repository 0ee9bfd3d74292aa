// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A part of a file that several readers may read at the same time, each from its own position.
package final class FileRange: ByteSource {
  private let file: SharedFile
  private var rest: Range<Int>

  /// Starts at the beginning of a range of a file, in bytes.
  package init(of file: SharedFile, _ range: Range<Int>) {
    self.file = file
    rest = range
  }

  package var medium: DescriptorKind { .file }
  package var descriptor: FileDescriptor { file.descriptor }
  package var name: String { "a file that is being sent" }
  package var fileRange: Range<Int>? { rest }

  package func skip(_ count: Int) { rest = rest.lowerBound + count..<rest.upperBound }

  /// Reads the next bytes; end-of-stream is the end of the range, or of a file that has become shorter.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    guard !rest.isEmpty else { return .endOfStream }
    do {
      let transfer = try Transfer.read(
        from: descriptor, at: rest.lowerBound, into: &buffer, atMost: min(limit, rest.count))
      if case .moved(let count) = transfer { skip(count) }
      return transfer
    } catch {
      throw readError(error)
    }
  }

  package func readError(_ code: Errno) -> IOFailure { IOFailure(.read(name), code) }
}
