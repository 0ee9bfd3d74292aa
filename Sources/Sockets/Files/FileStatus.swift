// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// What the file system says of a file.
package struct FileStatus: Equatable, Sendable {
  /// What kind of file it is, as far as anybody who serves files has to know.
  package enum Kind: Equatable, Sendable {
    case regular
    case directory
    case link
    /// A device, a FIFO or a socket.
    case other
  }

  /// What kind of file it is.
  package let kind: Kind
  /// Its length in bytes, as the file system has it.
  package let size: Int
  /// Whether it takes room on a device; where it does not, as beneath `/proc` and `/sys`, the length may be wrong.
  package let hasBlocks: Bool
  /// Its number, which it shares with no other file of its file system.
  package let inode: UInt64
  /// When its content was last changed, in nanoseconds since 1970.
  package let modified: Int64

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
    size = Int(status.st_size)
    hasBlocks = status.st_blocks > 0
    inode = UInt64(status.st_ino)
    let (nanoseconds, overflow) = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    modified = overflow ? 0 : nanoseconds.addingReportingOverflow(Int64(status.st_mtim.tv_nsec)).partialValue
  }

  /// The status of an open file. The corresponding C function is `fstat`.
  package init(of file: FileDescriptor) throws(Errno) {
    var status = stat()
    _ = try systemCall("fstat(\(file.rawValue))") { unsafe fstat(file.rawValue, &status) }
    self.init(status)
  }

  /// The status of what a path leads to, which is not opened. The corresponding C function is `stat`.
  package init(ofPath path: String) throws(Errno) {
    var status = stat()
    _ = try systemCall("stat(\"\(path)\")") { unsafe stat(ByteText.terminated(path), &status) }
    self.init(status)
  }

  /// The status of a name in a directory, of a link the link's own. The corresponding C function is `fstatat`.
  package init(of name: PathName, in directory: FileDescriptor) throws(Errno) {
    var status = stat()
    _ = try systemCall("fstatat(\(directory.rawValue), \"\(name)\", AT_SYMLINK_NOFOLLOW)") {
      unsafe fstatat(directory.rawValue, name.terminated, &status, AT_SYMLINK_NOFOLLOW)
    }
    self.init(status)
  }
}
