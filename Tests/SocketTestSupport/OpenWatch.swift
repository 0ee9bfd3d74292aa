// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
package import SystemPackage

/// Detects whether a file is opened, by inotify(7).
package struct OpenWatch: ~Copyable {
  private let descriptor: Descriptor

  /// Starts to watch a file.
  package init(of path: String) throws(Errno) {
    let number = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
    guard number >= 0, unsafe inotify_add_watch(number, path, UInt32(IN_OPEN)) >= 0 else {
      throw Errno(rawValue: errno)
    }
    descriptor = Descriptor(adopting: number)
  }

  /// Whether the file was opened since the last check.
  package var sawOpen: Bool {
    get throws {
      var events = [UInt8](repeating: 0, count: 4096)
      var buffer = events.mutableSpan
      return try Transfer.read(from: descriptor.number, into: &buffer) != .wouldBlock
    }
  }
}
