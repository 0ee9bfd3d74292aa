// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// What serves a connection.
package enum ServerModel: String, CaseIterable, Sendable {
  /// A child process for each.
  case fork
  /// A thread for each.
  case thread
  /// One readiness loop for all, or a few.
  case event
}

/// The settings of a server, for any service.
package struct ServerSettings: Sendable {
  /// What serves a connection.
  package var model = ServerModel.event
  /// The number of event loops, each of which can use a core of its own.
  package var workers = 1
  /// The maximum number of simultaneous connections; further clients wait in the backlog.
  package var maximumConnections = 1
  /// The time without a byte in either direction after which a connection is closed; `nil` for never.
  package var idle: Duration?
  /// The time that open connections have to finish once the server stops.
  package var grace = Duration.seconds(5)
  /// Which peers may connect.
  package var access = AccessControl()

  /// Creates the stream over a client's connection.
  package var makeStream: StreamMaking = { SocketStream($0, acknowledged: $1) }

  /// Creates settings for one connection at a time in one event loop.
  package init() {}
}

/// An event of a server's connections.
package enum ServerEvent: Sendable {
  /// A client was accepted.
  case accepted(from: Address, on: Address, over: StreamTransport)
  /// A client is not allowed, and was closed at once.
  case refused(Address)
  /// The handshake that precedes the payload, such as that of TLS, has failed; the client was reset.
  case handshakeFailed(IOFailure, for: Address)
  /// A client was reset because no descriptor became available for it in time.
  case overloaded(Address)
  /// A client was closed because there are as many as the limit.
  case full(Address, limit: Int)
  /// The access lists were read again, with the numbers of networks; `nil` if every peer may connect.
  case accessReread(allowed: Int?, denied: Int)
  /// The access lists could not be read again, and remain in force.
  case accessKept(because: Failure)
  /// The certificate, and the files that clients are verified by, were read again.
  case certificateReread
  /// They could not be read again, and remain in force.
  case certificateKept(because: Failure)
  /// The users were read again; with their number.
  case usersReread(Int)
  /// They could not be read again, and remain as they were.
  case usersKept(because: Failure)
  /// A connection ended; with an error if it broke.
  case closed(
    from: Address, sent: Int, received: Int, duration: Duration, error: IOFailure?, end: StreamEnd? = nil)
  /// A connection was reset before everything was sent to its client; with the number of unsent bytes, if known.
  case reset(Address, unsent: Int?, reason: String)
  /// Accepting failed with a transient error, and is paused.
  case short(IOFailure)
  /// The command that had a connection has ended; with an error if the connection broke.
  case commandEnded(for: Address, ProcessEnding, duration: Duration, error: IOFailure?)
  /// The command for a client could not be started; the client was closed.
  case commandNotStarted(IOFailure, for: Address)
  /// A signal has requested the end: no further clients are accepted.
  case stopping(because: CInt)
  /// A child process ended abnormally.
  case childDied(status: String)
}

extension ServerEvent {
  /// Why a file could not be read again; `nil` for every other event.
  package var failureToReread: Failure? {
    switch self {
    case .accessKept(let failure), .certificateKept(let failure), .usersKept(let failure): failure
    default: nil
    }
  }
}
