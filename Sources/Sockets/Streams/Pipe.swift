// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A pipe of this process, both ends non-blocking: the buffer of `splice` between two other descriptors.
package struct Pipe: ~Copyable {
  private let readEnd: Descriptor
  private let writeEnd: Descriptor

  /// The capacity that pipes are enlarged to, in bytes: the limit for an unprivileged user.
  package static let preferredCapacity = 1 << 20

  /// - Throws: `EMFILE` and similar errors.
  package init() throws(IOFailure) {
    var ends: (CInt, CInt) = (-1, -1)
    _ = try attempting(.create("a pipe")) { () throws(Errno) in
      try systemCall("pipe2(O_CLOEXEC|O_NONBLOCK)", note: " {\(ends.0), \(ends.1)}") {
        unsafe withUnsafeMutableBytes(of: &ends) {
          unsafe csockkit_pipe($0.assumingMemoryBound(to: CInt.self).baseAddress)
        }
      }
    }
    readEnd = Descriptor(adopting: ends.0)
    writeEnd = Descriptor(adopting: ends.1)
  }

  /// The read end.
  package var output: FileDescriptor { readEnd.number }
  /// The write end.
  package var input: FileDescriptor { writeEnd.number }

  /// Enlarges any pipe to the preferred capacity; a pipe that must not grow is left as it is.
  ///
  /// - Returns: The current capacity in bytes; 0 if this is not a pipe.
  @discardableResult
  package static func enlarge(_ pipe: FileDescriptor) -> Int {
    let number = pipe.rawValue
    let size = preferredCapacity
    do {
      return Int(
        try systemCall("fcntl(\(number), F_SETPIPE_SZ, \(size))") {
          csockkit_set_pipe_capacity(number, CInt(size))
        })
    } catch {
      return Int(max(csockkit_pipe_capacity(number), 0))
    }
  }
}
