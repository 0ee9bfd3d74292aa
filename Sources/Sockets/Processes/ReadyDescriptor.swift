// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// A descriptor, inherited from the process that has started this one, on which it waits until the service is ready.
package struct ReadyDescriptor: ~Copyable {
  private let owned: Descriptor

  /// Takes ownership of the descriptor.
  package init(_ descriptor: FileDescriptor) { owned = Descriptor(adopting: descriptor.rawValue) }

  /// Writes a newline, and closes the descriptor.
  ///
  /// - Throws: The error of `write`: `EPIPE` if no process waits any more.
  package consuming func announce() throws(IOFailure) {
    let number = owned.number
    let newline = [UInt8(ascii: "\n")]
    _ = try attempting(.write("descriptor \(number.rawValue)")) { () throws(Errno) in
      try Transfer.write(to: number, from: newline.span)
    }
    try owned.close()
  }

  /// Whether a descriptor is open. The corresponding C function is `fcntl` with `F_GETFD`.
  package static func isOpen(_ descriptor: FileDescriptor) -> Bool {
    let number = descriptor.rawValue
    return (try? systemCall("fcntl(\(number), F_GETFD)") { fcntl(number, F_GETFD) }) != nil
  }
}
