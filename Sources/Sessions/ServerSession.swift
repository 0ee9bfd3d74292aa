// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Services
package import Sockets

/// Where a server listens, and how it serves.
package struct ServerInvocation: Sendable {
  /// Where to listen.
  package var endpoint: Endpoint
  /// Whether an endpoint without a host means the loopback addresses.
  package var isOnLoopback = false
  /// How to listen, and to announce the port.
  package var listening = ListeningSettings()
  /// The peers that may connect.
  package var access = AccessSources()
  /// Whether connections keep messages apart (`SOCK_SEQPACKET`), on a Unix socket.
  package var isSequenced = false
  /// The protocol of connections over IP.
  package var streamProtocol = StreamProtocol.tcp
  /// How connections are served.
  package var model = ServerModel.event
  /// How the stream of a connection is made.
  package var layers = StreamLayers()
  /// The files of the stream's protection that SIGHUP reloads; `nil` for none.
  var reload: ReloadedFiles?
  /// The files that the service opens.
  package var files = NeededFiles()
  /// The users of the service, whose file SIGHUP reloads; `nil` for none.
  package var users: UserFile?
  /// The number of event loops.
  package var workers = 1
  /// The maximum number of simultaneous connections; `nil` for what descriptors allow, or 1000 processes or threads.
  package var maximumConnections: Int?
  /// The longest time without a byte in either direction; `nil` for no limit.
  package var idle: Duration?
  /// The time that connections have to end when the program is stopped; `nil` for the default.
  package var grace: Duration?
  /// How long closing a connection waits for unsent bytes (`SO_LINGER`), and zero resets it; `nil` for the system's way.
  package var linger: Duration?

  /// Creates an invocation with the default settings.
  package init(on endpoint: Endpoint) { self.endpoint = endpoint }
}

/// A server, from the opening of its listening sockets to its end.
package struct ServerSession {
  private var invocation: ServerInvocation
  private let observer: any SessionObserver

  private static let mostProcesses = 1000
  /// Descriptors that are not connections: standard streams, listening sockets, queues, served files.
  private static let reservedDescriptors = 64

  /// Creates a session.
  package init(_ invocation: ServerInvocation, _ observer: any SessionObserver) {
    self.invocation = invocation
    self.observer = observer
  }

  /// Serves until a signal ends the program.
  ///
  /// - Parameter didListen: Receives the address of the listening socket, before it is announced.
  /// - Throws: The failure of the session.
  package func run(
    _ service: any StreamService, didListen: (Address) -> Void = { _ in }
  ) throws(Failure) -> SessionOutcome {
    let settings = try settings()
    let confined = try confined(rereading: settings.access)
    let listeners = try confined.open(settings)
    didListen(listeners[0].local)
    return try confined.run(
      listeners, Server(service, settings) { [observer] in observer.report(connection: $0) })
  }

  /// The session, with its sandbox begun.
  ///
  /// - Parameter access: The control whose files SIGHUP reads again.
  func confined(rereading access: AccessControl) throws(Failure) -> ServerSession {
    var needs = SandboxNeeds()
    needs.files = invocation.files
    var session = self
    try session.invocation.listening.beginSandbox(
      needs, on: invocation.endpoint, rereading: access, observer)
    return session
  }

  /// Serves on open listening sockets.
  ///
  /// - Parameter datagrams: The addresses at which the server also receives datagrams.
  func run(
    _ listeners: [ListenerGroup], _ server: Server, beside datagrams: [Address] = []
  ) throws(Failure) -> SessionOutcome {
    observer.mayLose()
    let signals = try judging { () throws(IOFailure) in
      try SignalQueue(Server.signals, for: server.settings.access)
    }
    try invocation.listening.announce(listeners[0], rereading: server.settings.access, observer)
    for local in datagrams { observer.report(.listening(local, .ofDatagrams(local.family))) }
    var server = server
    server.confineWorker = { [invocation] in
      invocation.listening.sandbox?.confineWorker(servesFiles: !invocation.files.needs.isEmpty)
    }
    // A signal that comes after the end is too late to change the status.
    defer { signals.ignore() }
    try judging { () throws(IOFailure) in try server.run(listeners, until: signals) }
    return .success
  }

  /// Opens the listening sockets of each worker, on the same port.
  func open(_ settings: ServerSettings) throws(Failure) -> [ListenerGroup] {
    var binder = invocation.listening.binder(on: invocation.endpoint, observer)
    binder.isOnLoopback = invocation.isOnLoopback
    // Replies are small and complete: none should wait for the acknowledgement of another.
    binder.settings.isNoDelay = true
    binder.settings.linger = invocation.linger
    binder.settings.streamProtocol = invocation.streamProtocol
    if invocation.isSequenced { binder.settings.kind = .sequenced }
    return try invocation.listening.open(binder, workers: settings.workers)
  }

  /// The settings of the server.
  ///
  /// - Throws: The error of an access list.
  func settings() throws(Failure) -> ServerSettings {
    var settings = ServerSettings()
    settings.model = invocation.model
    settings.workers = invocation.workers
    let descriptors = DescriptorLimit.raise()
    settings.maximumConnections =
      invocation.maximumConnections
      ?? (settings.model == .event ? max(1, descriptors - Self.reservedDescriptors) : Self.mostProcesses)
    settings.idle = invocation.idle
    settings.grace = invocation.grace ?? settings.grace
    settings.access = try AccessControl(
      invocation.access, reloading: invocation.reload, invocation.users?.reloaded)
    var layers = invocation.layers
    layers.header = settings.access.headerLayer(observer)
    settings.makeStream = layers.makeStream
    return settings
  }
}
