// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// Decides whether an end-of-stream that was read from a connection is the peer's FIN, or hides a reset.
///
/// The kernel reports the error of a socket once, to the first call that meets it; every later receive returns
/// end-of-stream. Inside `sendfile` and `splice` it can even clear the error without reporting it. So an end-of-stream
/// counts only if no call on the connection has failed, in either direction, and the state of the connection agrees.
package struct EndOfStreamCheck: Sendable {
  /// The first error that a call on the connection has reported; `nil` if none has failed.
  package private(set) var failure: Errno?
  /// Whether our side has been shut down, after which the state of the connection no longer reflects the peer.
  package private(set) var isHalfClosed = false

  /// Creates the check of a connection on which no call has failed.
  package init() {}

  /// Records a failed call on the connection, in either direction.
  package mutating func note(_ code: Errno) { failure = failure ?? code }

  /// Records that our side has been shut down.
  package mutating func didHalfClose() { isHalfClosed = true }

  /// The error behind an end-of-stream; costs one `getsockopt` if the end is in order.
  ///
  /// - Parameters:
  ///   - socket: The connection whose end was read.
  ///   - received: The total number of bytes received from it; `nil` if they were not counted.
  /// - Returns: The error that the end-of-stream hides; `nil` if the peer has ended the stream in order.
  package mutating func errorBehindEnd(of socket: FileDescriptor, received: Int? = nil) -> Errno? {
    if let failure, failure != .brokenPipe { return failure }
    guard !isHalfClosed, let connection = TCPInformation(of: socket), connection.isClosed,
      !csockkit_is_multipath(socket.rawValue)
    else { return nil }
    let pending = try? SocketOption.pendingError.value(on: socket)
    let code = pending.flatMap { $0 == 0 ? nil : Errno(rawValue: CInt($0)) }
    // A reset after the peer's FIN loses nothing of what was received. It is recognised by its error, or else by the
    // FIN, which the kernel counts as one received byte; a send that failed with EPIPE indicates neither.
    let hasPeerFinished =
      code.map { $0 == .brokenPipe } ?? received.map { $0 + 1 == connection.received } ?? false
    let error = hasPeerFinished ? .brokenPipe : code ?? .connectionReset
    note(error)
    return hasPeerFinished ? nil : error
  }
}
