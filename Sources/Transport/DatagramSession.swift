// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The protection of the datagrams that are exchanged with one peer.
///
/// It performs no input or output: datagrams are passed to it and taken from it, so that many sessions share a socket.
package protocol DatagramSession: AnyObject {
  /// When `expire` is to be called: datagrams have to be repeated, or the handshake takes too long.
  var deadline: Deadline { get }
  /// Repeats lost datagrams, once the deadline has passed.
  ///
  /// - Throws: The failure of a handshake that takes too long.
  func expire(at now: Deadline) throws(IOFailure)

  /// Goes on with the handshake.
  ///
  /// - Returns: Whether messages can be exchanged.
  /// - Throws: The reason why one side has refused the other.
  func handshake() throws(IOFailure) -> Finish

  /// Whether a datagram begins another session of the peer, which has forgotten this one.
  func isSuperseded(by datagram: Span<UInt8>) -> Bool
  /// Takes a datagram of the peer, whose messages are read next.
  func take(_ datagram: Span<UInt8>)
  /// Reads the next message of the datagrams taken.
  ///
  /// - Returns: Its length; `wouldBlock` if there is none, `endOfStream` once the peer has ended the session.
  /// - Throws: The reason why the session has failed.
  func read(into buffer: inout MutableSpan<UInt8>) throws(IOFailure) -> Transfer

  /// The datagram that protects a message.
  ///
  /// - Throws: `EMSGSIZE` for a message that does not fit, and the reason why the session is over.
  func datagram(protecting message: Span<UInt8>) throws(IOFailure) -> [UInt8]
  /// Takes the datagrams that the session itself has to send.
  func takeDatagrams() -> [[UInt8]]
  /// Ends the session; a last datagram for the peer is to be taken.
  func end()
}

/// Opens sessions with the peers whose datagrams arrive on a socket.
package protocol DatagramSessionAcceptor: AnyObject {
  /// Takes a datagram of a peer that has no session.
  ///
  /// - Parameter send: Called with a request to the peer, to prove that it receives at its address.
  /// - Returns: The session that begins with this datagram; `nil` until the peer has proven that.
  func accept(
    _ datagram: Span<UInt8>, from peer: Address, send: ([UInt8]) -> Void
  ) -> (any DatagramSession)?
}
