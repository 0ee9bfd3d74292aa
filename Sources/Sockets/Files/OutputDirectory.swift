// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// A directory in which new files are made. It is opened once: it may be renamed while it is used.
package final class OutputDirectory: Sendable {
  private let directory: Descriptor
  /// Where it is, as the user says it.
  package let path: String

  /// Opens a directory; links to it are followed.
  ///
  /// The corresponding C functions are `open` and `faccessat`.
  ///
  /// - Throws: Also what would keep every file from being made.
  package init(path: String) throws(SystemError) {
    self.path = path
    directory = try attempting(.openDirectory(path)) { () throws(Errno) in
      let directory = try Descriptor.openedDirectory(path)
      let number = directory.number.rawValue
      _ = try systemCall("faccessat(\(number), \".\", W_OK|X_OK, AT_EACCESS)") {
        unsafe faccessat(number, ".", W_OK | X_OK, AT_EACCESS)
      }
      return directory
    }
  }

  /// Makes a file and opens it for writing, close-on-exec from birth. The corresponding C function is `openat`.
  ///
  /// - Throws: `EEXIST` if there is anything of that name, be it a link that leads nowhere.
  package func create(_ name: PathName) throws(Errno) -> Descriptor {
    let number = directory.number.rawValue
    let file = try systemCall("openat(\(number), \"\(name)\", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0666)") {
      unsafe openat(number, name.terminated, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    }
    return Descriptor(adopting: file)
  }
}
