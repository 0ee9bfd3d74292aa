// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The content of a file that the kernel makes up when it is read, as beneath `/proc` and `/sys`: its length is not known
/// before.
enum MadeUpFile {
  /// The largest length of a file without blocks that is not believed, in bytes; sysfs gives most files that of a page.
  private static let largestClaim = 64 << 10
  /// The most that is read, in bytes.
  private static let most = 16 << 20
  private static let step = 64 << 10

  /// Reads all of a file whose status gives another length than it has.
  ///
  /// - Returns: The content; `nil` if the length is right, or is believed because the file is large or takes room on a device.
  /// - Throws: What reading says, and `EFBIG` for more than can be held in memory.
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
