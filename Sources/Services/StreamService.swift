// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The service that a server provides to its clients, written once and usable with any server model.
///
/// A service uses no sockets: each client has its own `ServiceSession`, which receives bytes and produces replies.
package protocol StreamService: Sendable {
  /// The type of a session with one client.
  associatedtype Session: ServiceSession

  /// Starts a session with a client.
  func makeSession(for client: Address) -> Session
}

/// One client's session with a service: its state, and the replies to the client's bytes.
///
/// The server model calls `receive` only while no reply of an earlier call is waiting to be sent. So nothing is read
/// from a client that does not read its answers, and the memory for it is bounded.
package protocol ServiceSession: AnyObject {
  /// Processes bytes from the client, in pieces of any size, and appends the answer to `reply`.
  func receive(_ bytes: Span<UInt8>, reply: inout Response)

  /// Whether work is left from earlier bytes, deferred so that one reply does not become too large.
  ///
  /// As long as it is true, the server model does not read from the client: it calls `receive` without bytes once the
  /// reply has been sent.
  var hasBacklog: Bool { get }

  /// Notes that the whole reply has been sent, during which nothing was read from the client.
  func replySent()

  /// Notes that the connection ended after `count` bytes of the reply were sent.
  func replyCutOff(after count: Int)

  /// Notes that the client has half-closed; its earlier requests are still answered.
  ///
  /// The session is then over unless the reply has a continuation: the model sends what is left, and closes.
  func clientFinished(reply: inout Response)

  /// Whether no answer is due to the client now: a stopping server then closes the connection rather than wait.
  var isBetweenRequests: Bool { get }

  /// The time by which the client must have sent more, regardless of other limits; `never` leaves it to the idle
  /// time-out.
  var deadline: Deadline { get }

  /// Notes that the deadline has passed; the session is then over.
  func deadlinePassed(reply: inout Response)
}

extension ServiceSession {
  package var hasBacklog: Bool { false }
  package var isBetweenRequests: Bool { false }
  package var deadline: Deadline { .never }
  package func replySent() {}
  package func replyCutOff(after count: Int) {}
  package func clientFinished(reply: inout Response) {}
  package func deadlinePassed(reply: inout Response) {}
}
