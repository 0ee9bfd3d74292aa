// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// A small file that is written under another name and renamed, so that a reader finds all of it or the file of before.
package enum ReplacedFile {
  /// Writes the file.
  ///
  /// - Throws: `EEXIST` if the path leads to a device, a pipe or a link, which would be lost.
  package static func write(
    _ bytes: some Sequence<UInt8>, to path: String, permissions: FilePermissions
  ) throws(IOFailure) {
    var status = stat()
    if unsafe lstat(ByteText.terminated(path), &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw IOFailure(.createFile(path), isDirectory ? .isDirectory : .fileExists)
    }
    let beside = ByteText.terminated("\(path).\(getpid())")
    // A file left behind by an earlier process with this process ID.
    unsafe unlink(beside)
    do {
      let file = try unsafe FileDescriptor.open(
        beside, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: permissions)
      do {
        try file.closeAfter { _ = try file.writeAll(bytes) }
        guard unsafe rename(beside, ByteText.terminated(path)) == 0 else { throw Errno(rawValue: errno) }
      } catch {
        unsafe unlink(beside)
        throw error
      }
    } catch {
      throw IOFailure(.createFile(path), error as? Errno ?? .ioError)
    }
  }
}
