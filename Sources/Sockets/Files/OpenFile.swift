// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

extension Descriptor {
  /// Opens a directory for reading, with close-on-exec set atomically; anything else is `ENOTDIR` and is not opened.
  ///
  /// The corresponding C function is `open`; links are followed wherever they lead.
  static func openedDirectory(_ path: String) throws(Errno) -> Descriptor {
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
