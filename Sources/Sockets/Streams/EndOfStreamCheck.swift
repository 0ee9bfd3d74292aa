// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// Decides whether an end of stream that was read from a connection is the peer's FIN, or hides a reset.
///
/// The kernel reports an error of a socket once, to the call that meets it first; every later receive reads an end. Inside
/// `sendfile` and `splice` it can even take the error off the socket without reporting it. So an end is believed only if
/// no call on the connection has failed, in either direction, and the state of the connection agrees.
package struct EndOfStreamCheck: Sendable {
  /// The first error that a call on the connection has reported; `nil` if none has failed.
  package private(set) var failure: Errno?
  /// Whether our side was shut down, after which the state of the connection says nothing about the peer.
  package private(set) var isHalfClosed = false

  /// Creates the check of a connection on which no call has failed.
  package init() {}

  /// A call on the connection, in either direction, has failed.
  package mutating func note(_ code: Errno) { failure = failure ?? code }

  /// Our side was shut down.
  package mutating func didHalfClose() { isHalfClosed = true }

  /// What is behind an end of stream: one `getsockopt` where the end is in order.
  ///
  /// - Parameters:
  ///   - socket: The connection whose end was read.
  ///   - received: How many bytes were received from it altogether; `nil` if that was not counted.
  /// - Returns: The error in whose place the end was read; `nil` if the peer has ended the stream in order.
  package mutating func errorBehindEnd(of socket: FileDescriptor, received: Int? = nil) -> Errno? {
    if let failure, failure != .brokenPipe { return failure }
    guard !isHalfClosed, let connection = TCPInformation(of: socket), connection.isClosed,
      !csockkit_is_multipath(socket.rawValue)
    else { return nil }
    let pending = try? SocketOption.pendingError.value(on: socket)
    let code = pending.flatMap { $0 == 0 ? nil : Errno(rawValue: CInt($0)) }
    // A reset that follows the peer's FIN takes nothing from what was received. It is told by its error, or else by the
    // FIN, which the kernel counts as one byte; a send that was refused tells neither.
    let hasPeerFinished =
      code.map { $0 == .brokenPipe } ?? received.map { $0 + 1 == connection.received } ?? false
    let error = hasPeerFinished ? .brokenPipe : code ?? .connectionReset
    note(error)
    return hasPeerFinished ? nil : error
  }
}
