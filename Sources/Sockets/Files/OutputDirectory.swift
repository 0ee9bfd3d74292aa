// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// A directory in which new files are created. It is opened once, so it may be renamed while it is in use.
package final class OutputDirectory: Sendable {
  private let directory: Descriptor
  /// Its path, as the user gave it.
  package let path: String

  /// Opens a directory; links to it are followed.
  ///
  /// The corresponding C functions are `open` and `faccessat`.
  ///
  /// - Parameter root: The directory that will become the root of the file system, in which the path lies; `nil` for the
  ///   present one.
  /// - Throws: Also the error that creating a file there would meet, such as a missing permission.
  package init(path: String, within root: String? = nil) throws(IOFailure) {
    self.path = path
    directory = try attempting(.openDirectory(path)) { () throws(Errno) in
      let directory = try Descriptor.openedDirectory(path, within: root)
      let number = directory.number.rawValue
      _ = try systemCall("faccessat(\(number), \".\", W_OK|X_OK, AT_EACCESS)") {
        unsafe faccessat(number, ".", W_OK | X_OK, AT_EACCESS)
      }
      return directory
    }
  }

  /// Creates a file and opens it for writing, with close-on-exec set atomically. The corresponding C function is
  /// `openat`.
  ///
  /// - Throws: `EEXIST` if the name exists, even as a dangling link.
  package func create(_ name: PathName) throws(Errno) -> Descriptor {
    let number = directory.number.rawValue
    let file = try systemCall("openat(\(number), \"\(name)\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0666)") {
      unsafe openat(number, name.terminated, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    }
    return Descriptor(adopting: file)
  }
}
