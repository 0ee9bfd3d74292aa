// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
import Transport

/// A file that is sent to clients.
package final class ReplyFile: ByteSource {
  private let owned: Descriptor
  private let path: String

  /// Opens a regular file. Others are refused: they may be readable only once, or without end.
  package init(path: String) throws(IOFailure) {
    self.path = path
    do throws(Errno) {
      switch try FileStatus(ofPath: path).kind {
      case .regular: break
      case .directory: throw .isDirectory
      case .link, .other: throw .invalidArgument
      }
      owned = try .opened(path)
    } catch {
      throw IOFailure(.read(path), error)
    }
  }

  package var medium: DescriptorKind { .file }
  package var descriptor: FileDescriptor { owned.number }
  package var name: String { path }

  /// Reads the next bytes.
  package func read(into buffer: inout MutableSpan<UInt8>, atMost limit: Int) throws(IOFailure) -> Transfer {
    do { return try .read(from: descriptor, into: &buffer, atMost: limit) } catch { throw readError(error) }
  }

  /// A failure to read the file.
  package func readError(_ code: Errno) -> IOFailure { IOFailure(.read(path), code) }

  /// Reads the whole file.
  ///
  /// - Throws: `EFBIG` if it is longer than a limit, in bytes.
  package func contents(atMost limit: Int) throws(IOFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      var space = piece.mutableSpan
      guard case .moved(let count) = try read(into: &space) else { return bytes }
      bytes += piece[..<count]
      if bytes.count > limit { throw readError(.fileTooLarge) }
    }
  }
}
