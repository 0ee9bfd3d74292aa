// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets
import SystemPackage

/// The file from which a script reads the port of a server.
struct PortFile {
  /// The path of the file.
  let path: String

  /// Writes the decimal port and a newline. The file is written under another name and renamed, so that a reader finds
  /// all of it or no file.
  func write(_ port: UInt16) throws(Failure) {
    // A device or a pipe would be replaced by a regular file, and a link would be lost.
    var status = stat()
    if unsafe lstat(ByteText.terminated(path), &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw Failure(IOFailure(.createFile(path), isDirectory ? .isDirectory : .fileExists))
    }
    let beside = ByteText.terminated("\(path).\(getpid())")
    // A file left behind by an earlier process with this process ID.
    unsafe unlink(beside)
    do {
      let file = try unsafe FileDescriptor.open(
        beside, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      do {
        try file.closeAfter { _ = try file.writeAll("\(port)\n".utf8) }
        guard unsafe rename(beside, ByteText.terminated(path)) == 0 else { throw Errno(rawValue: errno) }
      } catch {
        unsafe unlink(beside)
        throw error
      }
    } catch {
      let code = error as? Errno ?? .ioError
      throw Failure(IOFailure(.createFile(path), code))
    }
  }
}
