// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import SystemPackage

extension FileDescriptor {
  /// Sets whether calls block. The mode belongs to the open file description, and so to every process that shares it.
  ///
  /// The corresponding C function is `fcntl` with `F_SETFL`.
  func setBlocking(_ isBlocking: Bool) throws(Errno) {
    let flags = try systemCall("fcntl(\(rawValue), F_GETFL)") { fcntl(rawValue, F_GETFL) }
    let mode = isBlocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK
    guard mode != flags else { return }
    _ = try systemCall("fcntl(\(rawValue), F_SETFL, \(isBlocking ? "~O_NONBLOCK" : "O_NONBLOCK"))") {
      fcntl(rawValue, F_SETFL, mode)
    }
  }
}
