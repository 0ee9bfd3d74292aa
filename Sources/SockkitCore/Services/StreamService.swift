// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a server does for its clients, written once and driven by any server model.
///
/// A service knows no sockets: each client has a `ServiceSession` of its own, into which bytes go and out of
/// which bytes come.
package protocol StreamService: Sendable {
  /// What one client is talked to with.
  associatedtype Session: ServiceSession

  /// Begins a session with a client.
  func makeSession(for client: Address) -> Session

  /// Serves by the model that a server is set to.
  ///
  /// There is one implementation for all. That it can be replaced has the compiler make one for each service, in
  /// which nothing between a socket and its session is looked up at run time.
  func serve(as server: Server, on listeners: [ListenerGroup], until signals: borrowing SignalQueue)
    throws(SystemError)
}

/// One client's side of a service: its state, and what is made of what it sends.
///
/// The server model calls `receive` only while the reply of the call before is on its way or gone, so that a client
/// that does not read its answers is not read from either, and what is held for it stays bounded.
package protocol ServiceSession {
  /// Takes in what the client sent, in whatever pieces it arrives, and adds the answer to `reply`.
  mutating func receive(_ bytes: Span<UInt8>, reply: inout Response)

  /// Whether it has work left from what it was sent, put off so that one reply does not hold too much.
  ///
  /// While it has, the server model does not read from the client: it calls `receive` without bytes once the reply
  /// is sent.
  var hasBacklog: Bool { get }

  /// Takes note that all of a reply is sent, during which the client was not listened to.
  mutating func replySent()

  /// Takes note that the connection has ended when so many bytes of the reply were sent.
  mutating func replyCutOff(after count: Int)

  /// Takes note that the client has stopped sending; what it asked for is still answered.
  ///
  /// The session is over with this unless the reply says otherwise: the model sends what is left, and closes.
  mutating func clientFinished(reply: inout Response)

  /// Whether the client is owed nothing now: a server that is to stop closes the connection rather than wait.
  var isBetweenRequests: Bool { get }

  /// When the client has to have sent more, whatever else it is given; `never` leaves it to the idle time-out.
  var deadline: Deadline { get }

  /// Takes note that the deadline has passed; the session is over with this.
  mutating func deadlinePassed(reply: inout Response)
}

extension ServiceSession {
  package var hasBacklog: Bool { false }
  package var isBetweenRequests: Bool { false }
  package var deadline: Deadline { .never }
  package mutating func replySent() {}
  package mutating func replyCutOff(after count: Int) {}
  package mutating func clientFinished(reply: inout Response) {}
  package mutating func deadlinePassed(reply: inout Response) {}
}
