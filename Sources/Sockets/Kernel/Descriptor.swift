// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// A file descriptor with exactly one owner, closed when the owner is destroyed.
package struct Descriptor: ~Copyable, Sendable {
  /// The descriptor to wait on or to pass to a call; it must not outlive the owner.
  package let number: FileDescriptor

  /// Takes ownership of an open descriptor; nothing else may close it.
  package init(adopting number: CInt) { self.number = FileDescriptor(rawValue: number) }

  deinit { _ = try? Self.close(number.rawValue) }

  /// Opens `/dev/null`, to reserve a descriptor for later use.
  ///
  /// - Throws: `EMFILE` and similar errors.
  package static func null() throws(IOFailure) -> Descriptor {
    Descriptor(
      adopting: try attempting(.create("a descriptor")) { () throws(Errno) in
        try systemCall("open(\"/dev/null\", O_RDONLY|O_CLOEXEC)") {
          unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
      })
  }

  /// Closes the descriptor now and reports the result of `close(2)`.
  ///
  /// - Throws: The error of data that could not be written after all, on file systems that report it late.
  package consuming func close() throws(IOFailure) {
    let number = number.rawValue
    discard self
    try attempting(.write("descriptor \(number)")) { () throws(Errno) in try Self.close(number) }
  }

  /// Makes another descriptor of the same open file, outside of the standard streams. The corresponding C function is
  /// `fcntl` with `F_DUPFD_CLOEXEC`.
  package static func duplicate(of original: FileDescriptor) throws(Errno) -> Descriptor {
    let (number, lowest) = (original.rawValue, STDERR_FILENO + 1)
    return Descriptor(
      adopting: try systemCall("fcntl(\(number), F_DUPFD_CLOEXEC, \(lowest))") {
        fcntl(number, F_DUPFD_CLOEXEC, lowest)
      })
  }

  /// After `EINTR` the descriptor is closed on Linux: a second call could close an unrelated descriptor.
  private static func close(_ number: CInt) throws(Errno) {
    do {
      _ = try systemCall("close(\(number))", retrying: false) { Glibc.close(number) }
    } catch .interrupted {
      return
    }
  }
}
