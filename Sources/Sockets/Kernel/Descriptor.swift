// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// A file descriptor with exactly one owner, closed when the owner goes away.
package struct Descriptor: ~Copyable, Sendable {
  /// The descriptor to wait on or to pass to a call; it must not outlive the owner.
  package let number: FileDescriptor

  /// Takes over an open descriptor; nobody else may close it.
  package init(adopting number: CInt) { self.number = FileDescriptor(rawValue: number) }

  deinit { _ = try? Self.close(number.rawValue) }

  /// Opens `/dev/null`, to hold a descriptor for later.
  ///
  /// - Throws: `EMFILE` and its like.
  package static func null() throws(SystemError) -> Descriptor {
    Descriptor(
      adopting: try attempting(.create("a descriptor")) { () throws(Errno) in
        try systemCall("open(\"/dev/null\", O_RDONLY|O_CLOEXEC)") {
          unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        }
      })
  }

  /// Closes now and reports what `close(2)` said.
  ///
  /// - Throws: The error of data that could not be written after all, on file systems that notice late.
  package consuming func close() throws(SystemError) {
    let number = number.rawValue
    discard self
    try attempting(.write("descriptor \(number)")) { () throws(Errno) in try Self.close(number) }
  }

  /// After `EINTR` the descriptor is gone on Linux: a second try could close somebody else's.
  private static func close(_ number: CInt) throws(Errno) {
    do {
      _ = try systemCall("close(\(number))", retrying: false) { Glibc.close(number) }
    } catch .interrupted {
      return
    }
  }
}
