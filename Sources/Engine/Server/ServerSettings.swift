// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// Who serves a connection.
package enum ServerModel: String, CaseIterable, Sendable {
  /// A child process for each.
  case fork
  /// A thread for each.
  case thread
  /// One readiness loop for all, or a few.
  case event
}

/// What a server is held to, whatever it serves.
package struct ServerSettings: Sendable {
  /// Who serves a connection.
  package var model = ServerModel.event
  /// How many event loops there are, each with a core of its own at best.
  package var workers = 1
  /// How many connections are served at a time; the rest waits in the backlog.
  package var maximumConnections = 1
  /// After which time without a byte either way a connection is closed; `nil` for never.
  package var idle: Duration?
  /// How long open connections may take to finish once the server is to stop.
  package var grace = Duration.seconds(5)
  /// Who may connect.
  package var access = AccessControl()

  /// What makes the stream over a client's connection.
  package var makeStream: StreamMaking = { SocketStream($0, acknowledged: $1) }

  /// Creates settings for one connection at a time on one event loop.
  package init() {}
}

/// Something that happened to a server's connections.
package enum ServerEvent: Sendable {
  /// A client was accepted.
  case accepted(from: Address, on: Address)
  /// A client is not permitted, and was closed at once.
  case refused(Address)
  /// A client was reset because there were no descriptors for it for as long as it may wait.
  case overloaded(Address)
  /// The access lists were read again, and count so many networks; `nil` for everybody.
  case accessReread(allowed: Int?, denied: Int)
  /// The access lists could not be read again, and are in force as they were.
  case accessKept(because: Failure)
  /// A connection ended; with an error if it broke.
  case closed(from: Address, sent: Int, received: Int, duration: Duration, error: SystemError?)
  /// A connection was reset before everything was sent to its client; with the number of bytes that were not, if known.
  case reset(Address, unsent: Int?, reason: String)
  /// Accepting failed in a way that passes, and pauses.
  case short(SystemError)
  /// The command that had a connection has ended; with an error if the connection broke.
  case commandEnded(for: Address, ProcessEnding, duration: Duration, error: SystemError?)
  /// The command for a client could not be started; the client was closed.
  case commandNotStarted(SystemError, for: Address)
  /// A child process ended other than by itself.
  case childDied(status: String)
}
