// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Glibc
package import Sockets

/// Where to listen, and how clients are served.
package struct ListenInvocation: Sendable {
  /// Where to listen.
  package var endpoint: Endpoint
  /// How to listen, and to announce the port.
  package var listening = ListeningSettings()
  /// The peers that may connect.
  package var access = AccessSources()
  /// The maximum time to wait for a connection; `nil` for no limit.
  package var arrivalLimit: Duration?
  /// The settings for many clients, or for one that is answered; `nil` to relay one connection or run commands.
  package var hub: HubSettings?
  /// Whether a command is run for each of any number of connections.
  package var isForMany = false
  /// Whether the connections are relayed one after another, until a signal ends the program.
  package var isSerial = false
  /// Whether a command serves other machines only if an address is given.
  package var guardsCommand = true
  /// Whether clients are closed at once while there are as many as the limit; otherwise they wait.
  package var turnsAwayWhenFull = false
  /// Whether a signal ends a server of many clients as it ends one of a single client: by that signal, rather than with
  /// success.
  package var isEndedBySignal = false
  /// The maximum number of simultaneous connections with a command each; `nil` for the default.
  package var maximumConnections: Int?
  /// What is done with a connection.
  package var stream: StreamInvocation

  /// Creates an invocation that accepts one connection.
  package init(on endpoint: Endpoint, _ stream: StreamInvocation) {
    self.endpoint = endpoint
    self.stream = stream
  }
}

extension ListenInvocation {
  /// Whether an endpoint without an address stands for those of this machine only.
  var isOnLoopback: Bool { guardsCommand && stream.command != nil }
}

/// A listening socket whose connections are relayed, answered, or passed to commands.
package struct ListenSession {
  private let invocation: ListenInvocation
  private let observer: any SessionObserver

  /// Creates a session.
  package init(_ invocation: ListenInvocation, _ observer: any SessionObserver) {
    self.invocation = invocation
    self.observer = observer
  }

  /// Listens, and serves until the session is over.
  ///
  /// - Throws: The failure of the session.
  package func run() throws(Failure) -> SessionOutcome {
    defer { ServiceManager.current?.report(.stopping) }
    var stream = invocation.stream
    if stream.settings.kind == .datagram {
      guard invocation.isForMany else {
        return try DatagramRelaySession(invocation: invocation, observer: observer).run()
      }
      return try DatagramServerSession(invocation: invocation, observer: observer).run()
    }
    let access = try AccessControl(invocation.access, reloading: stream.reload)
    stream.layers.header = access.headerLayer(observer)
    var listening = invocation.listening
    try listening.beginSandbox(
      SandboxNeeds(of: stream), on: invocation.endpoint, rereading: access, running: stream, observer)
    stream.spawner = listening.sandbox?.spawner
    var session = try StreamSession(stream, observer)
    let arrivalDeadline = invocation.arrivalLimit.map(Deadline.after) ?? .never
    let deadline = min(session.limits.deadline, arrivalDeadline)
    var binder = listening.binder(on: invocation.endpoint, observer)
    binder.isOnLoopback = invocation.isOnLoopback
    binder.settings = stream.settings
    listening.share(&binder.settings)
    binder.deadline = deadline
    try judging { () throws(IOFailure) in try stream.command?.check() }
    let listeners = try binder.listen()
    try stream.filters.records.openEarly(observer)
    session.invocation.filters = stream.filters
    if stream.settings.isBlocking, listeners.locals.count > 1 {
      throw Failure(.usage, "--blocking waits at one address only, and \(invocation.endpoint) has several")
    }
    func announce() throws(Failure) {
      try listening.announce(listeners, rereading: access, observer)
      if stream.settings.isFastOpen {
        observer.report(.option(EffectiveOption("fast-open", .number(listeners.fastOpenQueue))))
      }
    }
    let server = ClientServerSession(
      invocation: invocation, stream: stream, limits: session.limits, arrivalDeadline: arrivalDeadline,
      access: access, observer: observer)
    if invocation.isForMany, let command = stream.command {
      return try server.run(command, on: listeners, announce)
    }
    let policy = server.policy
    if stream.settings.isBlocking {
      try announce()
      guard
        case .accepted(let client) = try judging({ () throws(IOFailure) in
          try listeners.acceptBlocking(policy)
        })
      else { throw Self.refusal(on: listeners.local) }
      return try session.runBlocking(client)
    }
    if let hub = invocation.hub {
      return try server.run(hub, on: listeners, announce)
    }
    // Not earlier: a look-up can only be interrupted by a signal that still has its default action.
    let signals = try judging { () throws(IOFailure) in
      try SignalQueue(StreamInvocation.endingSignals, for: access)
    }
    try announce()
    if invocation.isSerial {
      return try runSerially(listeners, access, policy, until: signals) { () throws(Failure) in
        try StreamSession(stream, observer)
      }
    }
    let socket: StreamSocket
    switch try judging({ () throws(IOFailure) in
      try listeners.acceptOne(policy, until: deadline, or: signals)
    }) {
    case .accepted(let client): socket = client
    case .late: throw Failure(.timedOut, "accept on \(listeners.local): timed out, no client connected")
    case .refused: throw Self.refusal(on: listeners.local)
    case .interrupted(let signal): return .killed(by: signal)
    }
    // SIGHUP requests that the access lists be read again, which are not used any more.
    if access.isReread { signals.ignore(SIGHUP) }
    guard let command = stream.command else {
      return try session.run(stream.layers.makeTransport(socket, nil), until: signals)
    }
    return try CommandSession(command, session).run(socket, until: signals)
  }

  /// Relays one connection after another. The failure of one ends the session only if a standard stream has failed.
  private func runSerially(
    _ listeners: ListenerGroup, _ access: AccessControl, _ policy: AccessPolicy,
    until signals: consuming SignalQueue, _ begin: () throws(Failure) -> StreamSession
  ) throws(Failure) -> SessionOutcome {
    while true {
      switch try judging({ () throws(IOFailure) in
        try listeners.acceptOne(policy, until: .never, or: signals, isLast: false)
      }) {
      case .accepted(let client):
        let session = try begin()
        do throws(Failure) {
          let outcome = try session.run(session.invocation.layers.makeTransport(client, nil), until: signals)
          guard outcome == .success else { return outcome }
        } catch {
          guard error.isOfConnection else { throw error }
          observer.report(.failed(error))
        }
        // A signal that has arrived meanwhile has acted at once.
        signals = try judging { () throws(IOFailure) in
          try SignalQueue(StreamInvocation.endingSignals, for: access)
        }
      case .late: break
      case .refused: break
      case .interrupted(let signal): return .killed(by: signal)
      }
    }
  }

  /// The failure of a session whose only connection is refused.
  private static func refusal(on local: Address) -> Failure {
    Failure(.noPermission, "accept on \(local): the peer is not allowed to connect (--allow, --deny)")
  }
}
