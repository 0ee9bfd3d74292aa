// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTP
package import Sockets

/// What two peers say to each other before the payload of a connection.
///
/// It is a value without I/O: bytes in, bytes out, independent of how they are split.
package protocol Handshake: Sendable {
  /// The failure if the peer ends the stream before the handshake is complete.
  var prematureEnd: IOFailure { get }
  /// Whether the same handshake may succeed on another connection, after what was learned from this one; false unless a
  /// conformance states otherwise.
  var isWorthRepeating: Bool { get }
  /// The address of the client that the peer acts for; `nil` for the peer itself, as it is unless a conformance states
  /// otherwise.
  var client: Address? { get }

  /// Takes the bytes that were received since the last call; the first call has none.
  ///
  /// - Parameter output: What is to be sent is appended to it.
  /// - Throws: The reason why the peer has refused, or is not understood; no further call follows.
  mutating func step(_ input: Span<UInt8>, _ output: inout [UInt8]) throws(IOFailure) -> HandshakeStep

  /// Takes the end of the peer's stream, behind the bytes of the last call.
  ///
  /// - Throws: `prematureEnd`, unless a conformance takes what was received as all that it needs.
  mutating func end() throws(IOFailure)
}

extension Handshake {
  package mutating func end() throws(IOFailure) { throw prematureEnd }
  package var isWorthRepeating: Bool { false }
  package var client: Address? { nil }
}

/// The state of a handshake after a call.
package enum HandshakeStep: Equatable, Sendable {
  /// All bytes were used, and more are needed.
  case incomplete
  /// The credentials of the peer have to be verified, which takes long. The next call follows then, with the input
  /// behind its first bytes, as many as `taken`.
  case verify(UserVerification, taken: Int)
  /// Credentials have to be asked for, which may take as long as a person does. The next call follows as after `verify`.
  case ask(CredentialQuestion, taken: Int)
  /// The payload begins behind the first bytes of the input, as many as `taken`, once the output is sent.
  case complete(taken: Int)
}
