// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// Two Unix stream sockets that are connected to each other.
package struct SocketPair: ~Copyable {
  private let nearEnd: Descriptor
  private var farEnd: Descriptor?

  /// Our end; it must not outlive the pair.
  package var near: FileDescriptor { nearEnd.number }
  /// The end for somebody else, whose reads and writes wait; it must not be used here any more once it is closed.
  package let far: FileDescriptor

  /// - Throws: `EMFILE` and its like.
  package init() throws(SystemError) {
    var ends: (CInt, CInt) = (-1, -1)
    _ = try attempting(.create("a pair of sockets")) { () throws(Errno) in
      try systemCall("socketpair(AF_UNIX, SOCK_STREAM, 0)", note: " {\(ends.0), \(ends.1)}") {
        unsafe withUnsafeMutableBytes(of: &ends) {
          unsafe socketpair(
            AF_UNIX, Platform.streamSocket | Platform.closeOnExec, 0,
            $0.assumingMemoryBound(to: CInt.self).baseAddress)
        }
      }
    }
    nearEnd = Descriptor(adopting: ends.0)
    farEnd = Descriptor(adopting: ends.1)
    far = FileDescriptor(rawValue: ends.1)
  }

  /// Closes the other end here, once whoever it is for has it.
  package mutating func closeFar() { farEnd = nil }

  /// Tells the other end that nothing more is coming.
  package func finishSending() { shutDown("SHUT_WR", Platform.shutWrite) }

  /// Ends both directions, whoever holds the other end; what has arrived can still be read.
  package func finish() { shutDown("SHUT_RDWR", Platform.shutBoth) }

  private func shutDown(_ name: String, _ how: CInt) {
    // Fails only where the other end is gone, and then there is nobody to tell.
    _ = try? systemCall("shutdown(\(near.rawValue), \(name))") { shutdown(near.rawValue, how) }
  }
}
