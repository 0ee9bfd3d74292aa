// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
import Glibc
package import SystemPackage

/// The kind of a descriptor, as far as moving bytes depends on it.
package enum DescriptorKind: Equatable, Sendable {
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
  /// Any other descriptor, whose bytes have to be copied through this process.
  case opaque

  /// Determines the kind of a descriptor. The corresponding C functions are `fstat` and `isatty`.
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

extension FileDescriptor {
  /// Waits until a write would not block: up to 4,096 bytes on a pipe (`PIPE_BUF`).
  ///
  /// - Returns: Whether a write is accepted, or fails at once, within this time.
  package func takesBytes(within patience: Duration) -> Bool {
    var entry = pollfd(fd: rawValue, events: CShort(POLLOUT), revents: 0)
    // Not traced, because it is called before each trace line is written.
    return unsafe poll(&entry, 1, CInt(clamping: Int(patience.seconds * 1000))) != 0
  }
}
