// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// What a symbolic link contains.
package enum LinkTarget {
  /// Reads the target of a name in an open directory. The corresponding C function is `readlinkat`.
  ///
  /// - Throws: `EINVAL` or `ENOENT` if the name is no link.
  package static func bytes(of name: PathName, in directory: FileDescriptor) throws(Errno) -> [UInt8] {
    let number = try systemCall("openat(\(directory.rawValue), \"\(name)\", O_PATH|O_NOFOLLOW)") {
      unsafe csockkit_open_place(directory.rawValue, name.terminated)
    }
    return try bytes(of: Descriptor(adopting: number))
  }

  /// The path of the file that a path leads to, without links; `nil` if there is no such file. The corresponding C function
  /// is `realpath`.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = unsafe realpath(ByteText.terminated(path), nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe ByteText.text(of: resolved)
  }

  /// Reads the target of a link that is open as a place.
  static func bytes(of link: borrowing Descriptor) throws(Errno) -> [UInt8] {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let number = link.number.rawValue
    let count = try systemCall("readlinkat(\(number), \"\")") {
      unsafe csockkit_read_link(number, &target, target.count)
    }
    return Array(target.prefix(count))
  }
}
