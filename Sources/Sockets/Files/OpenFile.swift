// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

extension Descriptor {
  /// Opens a directory for reading, with close-on-exec set atomically; anything else is `ENOTDIR` and is not opened.
  ///
  /// The corresponding C function is `open`; links are followed wherever they lead.
  ///
  /// - Parameter root: The directory that will become the root of the file system, in which the path lies; `nil` for the
  ///   present one. Then the function is `openat2`.
  static func openedDirectory(_ path: String, within root: String? = nil) throws(Errno) -> Descriptor {
    if let root {
      let start = try openedDirectory(root)
      let number = start.number.rawValue
      return Descriptor(
        adopting: try systemCall(
          "openat2(\(number), \"\(path)\", O_RDONLY|O_DIRECTORY|O_CLOEXEC, RESOLVE_IN_ROOT)"
        ) {
          unsafe csockkit_open_directory(number, ByteText.terminated(path))
        })
    }
    let number = try systemCall("open(\"\(path)\", O_RDONLY|O_DIRECTORY|O_CLOEXEC)") {
      unsafe open(ByteText.terminated(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    return Descriptor(adopting: number)
  }

  /// Opens a file for reading, with close-on-exec set atomically, without waiting for the writer of a FIFO.
  ///
  /// The corresponding C function is `open`; links are followed wherever they lead.
  package static func opened(_ path: String) throws(Errno) -> Descriptor {
    let number = try systemCall("open(\"\(path)\", O_RDONLY|O_NONBLOCK|O_CLOEXEC)") {
      unsafe open(ByteText.terminated(path), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    }
    return Descriptor(adopting: number)
  }
}
