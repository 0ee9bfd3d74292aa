// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets

/// How to connect to a peer.
package struct DialSettings: Sendable {
  /// The peer.
  package var endpoint: Endpoint
  /// How names are looked up.
  package var resolver = Resolver()
  /// The local address to connect from.
  package var source = LocalSource()
  /// The socket options.
  package var settings = SocketSettings()
  /// The time for one look-up and connection, over all addresses; `nil` for as long as the system tries.
  package var limit: Duration?
  /// The time during which attempts are repeated; `nil` for a single attempt.
  package var retry: Duration?

  /// Creates the default settings.
  package init(to endpoint: Endpoint) { self.endpoint = endpoint }

  /// The dialer that connects to the peer, no later than a deadline.
  ///
  /// - Throws: A failure to look up the local address.
  func dialer(until deadline: Deadline, _ observer: any SessionObserver) throws(Failure) -> Dialer {
    var dialer = Dialer(to: endpoint)
    dialer.resolver = resolver
    dialer.connector.settings = settings
    dialer.connector.attemptFailed = { observer.report(.attemptFailed($0)) }
    (dialer.connector.source, dialer.connector.sourcePort) =
      try source.resolve(protocol: "tcp", by: resolver, until: deadline)
    dialer.limit = limit
    dialer.retry = retry
    dialer.lookupFailed = { observer.report(.lookupRepeated($0)) }
    dialer.deadline = deadline
    return dialer
  }
}

/// A connection that this side opens, between its peer and the standard streams or a command.
package struct ConnectSession {
  private let dialing: DialSettings
  private let stream: StreamInvocation
  private let observer: any SessionObserver

  /// Creates a session.
  package init(_ dialing: DialSettings, _ stream: StreamInvocation, _ observer: any SessionObserver) {
    self.dialing = dialing
    self.stream = stream
    self.observer = observer
  }

  /// Connects, and relays until both directions have ended.
  ///
  /// - Throws: The failure of the session.
  package func run() throws(Failure) -> SessionOutcome {
    let session = try StreamSession(stream, observer)
    try judging { () throws(IOFailure) in try stream.command?.check() }
    let dialer = try dialing.dialer(until: session.limits.deadline, observer)
    var end = Deadline.never
    let socket = try dialer.dial(&end)
    observer.report(.connected(from: socket.local, to: socket.remote))
    if stream.settings.isBlocking { return try session.runBlocking(socket) }
    let signals = try judging { () throws(IOFailure) in try SignalQueue(StreamInvocation.endingSignals) }
    guard let command = stream.command else {
      return try session.run(socket, handshakeBefore: end, until: signals)
    }
    return try CommandSession(command, session).run(socket, handshakeBefore: end, until: signals)
  }
}
