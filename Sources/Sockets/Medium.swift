// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// What kind of thing a descriptor is, as far as moving bytes cares.
package enum Medium: Equatable, Sendable {
  /// A regular file or block device: always ready, and `sendfile` reads it.
  case file
  /// A pipe or FIFO.
  case pipe
  /// A stream socket.
  case socket
  /// A terminal.
  case terminal
  /// Any other character device, such as `/dev/null`.
  case device
  /// Something whose bytes have to pass through this process.
  case opaque

  /// Asks what a descriptor is. The corresponding C functions are `fstat` and `isatty`.
  package init(of descriptor: FileDescriptor) {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else {
      self = .opaque
      return
    }
    self =
      switch status.st_mode & S_IFMT {
      case S_IFREG, S_IFBLK: .file
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      case S_IFCHR: isatty(descriptor.rawValue) == 1 ? .terminal : .device
      default: .opaque
      }
  }
}
