// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a server does for its clients, written once and driven by any server model.
///
/// A service knows no sockets: each client has a `ServiceSession` of its own, into which bytes go and out of
/// which bytes come.
package protocol StreamService: Sendable {
  /// The type of a session with one client.
  associatedtype Session: ServiceSession

  /// Begins a session with a client.
  func makeSession(for client: Address) -> Session
}

/// One client's side of a service: its state, and what is made of what it sends.
///
/// The server model calls `receive` only while the reply of the call before is on its way or gone, so that a client
/// that does not read its answers is not read from either, and what is held for it stays bounded.
package protocol ServiceSession: AnyObject {
  /// Takes in what the client sent, in whatever pieces it arrives, and adds the answer to `reply`.
  func receive(_ bytes: Span<UInt8>, reply: inout Response)

  /// Whether it has work left from what it was sent, put off so that one reply does not hold too much.
  ///
  /// While it has, the server model does not read from the client: it calls `receive` without bytes once the reply
  /// is sent.
  var hasBacklog: Bool { get }

  /// Takes note that all of a reply is sent, during which the client was not listened to.
  func replySent()

  /// Takes note that the connection has ended when so many bytes of the reply were sent.
  func replyCutOff(after count: Int)

  /// Takes note that the client has stopped sending; what it asked for is still answered.
  ///
  /// The session is over with this unless the reply says otherwise: the model sends what is left, and closes.
  func clientFinished(reply: inout Response)

  /// Whether the client is owed nothing now: a server that is to stop closes the connection rather than wait.
  var isBetweenRequests: Bool { get }

  /// When the client has to have sent more, whatever else it is given; `never` leaves it to the idle time-out.
  var deadline: Deadline { get }

  /// Takes note that the deadline has passed; the session is over with this.
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
