// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The content of a file that the kernel generates when it is read, as beneath `/proc` and `/sys`: its length is not
/// known beforehand.
enum MadeUpFile {
  /// The maximum length of a file without blocks that is not trusted, in bytes; sysfs reports the size of a page for
  /// most files.
  private static let largestClaim = 64 << 10
  /// The maximum number of bytes to read.
  private static let most = 16 << 20
  private static let step = 64 << 10

  /// Reads the whole of a file whose status gives another length than its real one.
  ///
  /// - Returns: The content; `nil` if the length is right, or is trusted because the file is large or occupies blocks
  ///   on a device.
  /// - Throws: The error of the read, and `EFBIG` for a file that is too large for memory.
  static func content(of file: FileDescriptor, _ status: FileStatus) throws(Errno) -> [UInt8]? {
    guard !status.hasBlocks, status.size <= largestClaim else { return nil }
    var content: [UInt8] = []
    var scratch = [UInt8](repeating: 0, count: step)
    while true {
      var buffer = scratch.mutableSpan
      switch try Transfer.read(from: file, at: content.count, into: &buffer) {
      case .moved(let count): content += scratch.prefix(count)
      case .endOfStream: return content.count == status.size ? nil : content
      case .wouldBlock: throw .resourceTemporarilyUnavailable
      }
      guard content.count <= most else { throw .fileTooLarge }
    }
  }
}
