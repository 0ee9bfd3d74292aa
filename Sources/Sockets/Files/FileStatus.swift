// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// The file system's metadata of a file.
package struct FileStatus: Equatable, Sendable {
  /// The kind of a file, as far as serving files depends on it.
  package enum Kind: Equatable, Sendable {
    case regular
    case directory
    case link
    /// A device, a FIFO or a socket.
    case other
  }

  /// The kind of the file.
  package let kind: Kind
  /// Its length in bytes, as the file system reports it.
  package let size: Int
  /// Whether it occupies blocks on a device; if not, as beneath `/proc` and `/sys`, the length may be wrong.
  package let hasBlocks: Bool
  /// Its inode number, unique within its file system.
  package let inode: UInt64
  /// Its permission bits, without those that change who a program runs as.
  package let permissions: UInt32
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
    permissions = status.st_mode & 0o777
    let (nanoseconds, overflow) = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    modified = overflow ? 0 : nanoseconds.addingReportingOverflow(Int64(status.st_mtim.tv_nsec)).partialValue
  }

  /// The status of an open file. The corresponding C function is `fstat`.
  package init(of file: FileDescriptor) throws(Errno) {
    var status = stat()
    _ = try systemCall("fstat(\(file.rawValue))") { unsafe fstat(file.rawValue, &status) }
    self.init(status)
  }

  /// The status of the file that a path leads to, which is not opened. The corresponding C function is `stat`.
  package init(ofPath path: String) throws(Errno) {
    var status = stat()
    _ = try systemCall("stat(\"\(path)\")") { unsafe stat(ByteText.terminated(path), &status) }
    self.init(status)
  }

  /// The status of a name in a directory; for a link, that of the link itself. The corresponding C function is
  /// `fstatat`.
  package init(of name: PathName, in directory: FileDescriptor) throws(Errno) {
    var status = stat()
    _ = try systemCall("fstatat(\(directory.rawValue), \"\(name)\", AT_SYMLINK_NOFOLLOW)") {
      unsafe fstatat(directory.rawValue, name.terminated, &status, AT_SYMLINK_NOFOLLOW)
    }
    self.init(status)
  }
}
