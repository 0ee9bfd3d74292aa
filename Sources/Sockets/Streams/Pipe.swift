// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A pipe of our own, both ends non-blocking: where `splice` parks bytes between two other descriptors.
package struct Pipe: ~Copyable {
  private let readEnd: Descriptor
  private let writeEnd: Descriptor

  /// The capacity that pipes are enlarged towards, in bytes: what an ordinary user may ask for.
  package static let preferredCapacity = 1 << 20

  /// - Throws: `EMFILE` and its like.
  package init() throws(SystemError) {
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

  /// The end that bytes come out of.
  package var output: FileDescriptor { readEnd.number }
  /// The end that bytes go into.
  package var input: FileDescriptor { writeEnd.number }

  /// Enlarges any pipe towards the preferred capacity; one that must not grow stays as it is.
  ///
  /// - Returns: The capacity it has now, in bytes; 0 if this is no pipe.
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
