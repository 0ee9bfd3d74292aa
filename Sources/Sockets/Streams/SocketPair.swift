// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// Two Unix sockets that are connected to each other.
package struct SocketPair: ~Copyable {
  /// What they exchange.
  package enum Kind: Sendable {
    /// Bytes without boundaries (`SOCK_STREAM`).
    case bytes
    /// Messages, each of which is received whole (`SOCK_SEQPACKET`).
    case messages
  }

  private let nearEnd: Descriptor
  private var farEnd: Descriptor?

  /// The near end; it must not outlive the pair.
  package var near: FileDescriptor { nearEnd.number }
  /// The far end, for another process, in blocking mode; it must not be used here once it is closed.
  package let far: FileDescriptor

  /// - Throws: `EMFILE` and similar errors.
  package init(of kind: Kind = .bytes) throws(IOFailure) {
    var ends: (CInt, CInt) = (-1, -1)
    let (type, name) =
      switch kind {
      case .bytes: (Platform.streamSocket, "SOCK_STREAM")
      case .messages: (Platform.sequencedPacketSocket, "SOCK_SEQPACKET")
      }
    _ = try attempting(.create("a pair of sockets")) { () throws(Errno) in
      try systemCall("socketpair(AF_UNIX, \(name), 0)", note: " {\(ends.0), \(ends.1)}") {
        unsafe withUnsafeMutableBytes(of: &ends) {
          unsafe socketpair(
            AF_UNIX, type | Platform.closeOnExec, 0,
            $0.assumingMemoryBound(to: CInt.self).baseAddress)
        }
      }
    }
    nearEnd = Descriptor(adopting: ends.0)
    farEnd = Descriptor(adopting: ends.1)
    far = FileDescriptor(rawValue: ends.1)
  }

  /// Closes the far end in this process, once it has been passed on.
  package mutating func closeFar() { farEnd = nil }

  /// Gives the far end away, once, as a connection of a peer whose messages are passed on to it.
  package mutating func takeFar(standingFor peer: Address, at local: Address) throws(IOFailure)
    -> StreamSocket
  {
    guard let end = farEnd.take() else { preconditionFailure("an end is given away once") }
    let number = end.number
    try attempting(.set("O_NONBLOCK")) { () throws(Errno) in try number.setBlocking(false) }
    return StreamSocket(end, over: .unix, family: .unix, remote: peer, local: local)
  }

  /// Half-closes the near end: the far end reads end-of-stream.
  package func finishSending() { shutDown("SHUT_WR", Platform.shutWrite) }

  /// Shuts both directions down, for every holder of the far end; what has arrived can still be read.
  package func finish() { shutDown("SHUT_RDWR", Platform.shutBoth) }

  private func shutDown(_ name: String, _ how: CInt) {
    // Fails only if the far end is closed, and then there is no peer.
    _ = try? systemCall("shutdown(\(near.rawValue), \(name))") { shutdown(near.rawValue, how) }
  }
}
