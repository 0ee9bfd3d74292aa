// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// The clients of listening sockets, or of a source of connections beside them: each gets a command of its own, or all
/// share a hub.
struct ClientServerSession {
  /// How clients are served.
  let invocation: ListenInvocation
  /// What is done with each connection.
  let stream: StreamInvocation
  /// The limits of the session.
  let limits: ConnectionLimits
  /// The time by which a client must have connected.
  let arrivalDeadline: Deadline
  /// The peers that may connect.
  let access: AccessControl
  /// Receives events and statistics.
  let observer: any SessionObserver

  /// Which clients are served, and what happens to others.
  var policy: AccessPolicy {
    var policy = AccessPolicy(access) { [observer] in observer.report(connection: $0) }
    policy.turnsAwayWhenFull = invocation.turnsAwayWhenFull
    return policy
  }

  /// Runs a command for each client, until a signal requests the end.
  ///
  /// - Parameters:
  ///   - sideline: What makes the connections; `nil` if the kernel does.
  ///   - announce: Announces the listening sockets, once signals are collected.
  /// - Throws: The failure of the session.
  func run(
    _ command: Command, on listeners: ListenerGroup, beside sideline: (any AuxiliarySource)? = nil,
    _ announce: () throws(Failure) -> Void
  ) throws(Failure) -> SessionOutcome {
    let server = CommandServer(
      command: command, stream: stream, maximumConnections: invocation.maximumConnections,
      turnsAwayWhenFull: invocation.turnsAwayWhenFull, observer: observer)
    let signal = try server.run(listeners, access, beside: sideline, announce)
    return invocation.isEndedBySignal ? .killed(by: signal) : .success
  }

  /// Serves the clients by a hub.
  ///
  /// - Parameters:
  ///   - sideline: What makes the connections; `nil` if the kernel does.
  ///   - announce: Announces the listening sockets, once signals are collected.
  /// - Throws: The failure of the session.
  func run(
    _ hub: HubSettings, on listeners: ListenerGroup, beside sideline: (any AuxiliarySource)? = nil,
    _ announce: () throws(Failure) -> Void
  ) throws(Failure) -> SessionOutcome {
    var settings = hub
    settings.limits = limits
    settings.isEndedBySignal = invocation.isEndedBySignal
    settings.arrivalDeadline = arrivalDeadline
    let hub = HubSession(settings: settings, stream: stream, observer: observer)
    let signals = try judging { () throws(IOFailure) in try SignalQueue(hub.endingSignals, for: access) }
    try announce()
    return try hub.run(listeners, policy, beside: sideline, until: signals)
  }
}
