// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
package import Sockets
package import SystemPackage

/// How a session listens, and announces its port.
package struct ListeningSettings: Sendable {
  /// How names are looked up.
  package var resolver = Resolver()
  /// The maximum length of the backlog; `nil` for what the system allows.
  package var backlog: Int?
  /// Whether other sockets may share the port (`SO_REUSEPORT`).
  package var isPortReused = false
  /// Whether a port may be bound whose earlier connections are in TIME_WAIT (`SO_REUSEADDR`).
  package var isAddressReused = true
  /// Whether only IPv6 is listened on (`IPV6_V6ONLY`).
  package var isIPv6Only = false
  /// For how long a connection may wait for its first bytes before it is accepted; `nil` if it is accepted at once.
  package var deferredAcceptance: Duration?
  /// Whether inherited sockets are of both types, for connections and for datagrams.
  var isOfBothTypes = false
  /// Who may connect to the file of a Unix socket.
  package var socketFile = SocketFileAttributes()
  /// What is given up once the sockets are open.
  package var privileges = Privileges()
  /// What confines the process once the sockets are open; `nil` before the session has begun.
  var sandbox: Sandbox?
  /// The file to write the port to; `nil` for none.
  package var portFile: String?
  /// The inherited descriptor to write a newline to once the sockets are open; `nil` for none.
  package var readyDescriptor: FileDescriptor?

  /// Creates the default settings.
  package init() {}

  /// The binder for an endpoint under these settings. Addresses that cannot be bound are reported if others can.
  func binder(on endpoint: Endpoint, _ observer: any SessionObserver) -> Binder {
    var binder = Binder(on: endpoint)
    binder.resolver = resolver
    binder.isOfBothTypes = isOfBothTypes
    binder.backlog = backlog ?? binder.backlog
    share(&binder.settings)
    binder.skipped = { observer.report(.attemptFailed($0)) }
    return binder
  }

  /// Adds the options that only a listening socket has to others.
  func share(_ settings: inout SocketSettings) {
    settings.isPortReused = isPortReused
    settings.isAddressReused = isAddressReused
    settings.isIPv6Only = isIPv6Only
    settings.deferredAcceptance = deferredAcceptance
    settings.socketFile = socketFile
  }

  /// Adds whether the port may be shared to the options of a socket that receives datagrams.
  func share(_ settings: inout DatagramSettings) {
    settings.isPortReused = isPortReused
    settings.isAddressReused = isAddressReused
    settings.socketFile = socketFile
  }

  /// Writes the port file, gives up privileges, informs those who wait for the server, and reports the addresses of the
  /// listening sockets.
  ///
  /// - Parameter access: The control whose files SIGHUP reads again; `nil` for none.
  func announce(
    _ places: [(local: Address, transport: StreamTransport)], rereading access: AccessControl? = nil,
    _ observer: any SessionObserver
  ) throws(Failure) {
    if let portFile {
      guard let port = places.first?.local.portNumber else {
        throw Failure(.usage, "--port-file: the socket has no port to connect to")
      }
      try PortFile(path: portFile).write(port)
    }
    try dropPrivileges(rereading: access, observer)
    ServiceManager.current?.report(.ready)
    for (local, transport) in places { observer.report(.listening(local, transport)) }
    sandbox?.report()
    if let readyDescriptor {
      try judging { () throws(IOFailure) in try ReadyDescriptor(readyDescriptor).announce() }
    }
  }

  private func dropPrivileges(
    rereading access: AccessControl?, _ observer: any SessionObserver
  ) throws(Failure) {
    if let account = try judging({ () throws(IOFailure) in try privileges.drop() }) {
      observer.report(.userChanged(account))
    }
    try confineRun()
    guard privileges.changesFiles, let access, access.isReread else { return }
    for failure in access.reread().compactMap(\.failureToReread) {
      observer.report(.reloadPrevented(failure))
    }
  }

  /// Takes the second step of the sandbox, here and where the command is started.
  private func confineRun() throws(Failure) {
    guard let sandbox else { return }
    try judging { () throws(IOFailure) in try sandbox.spawner?.dropPrivileges() }
    try sandbox.confine()
  }

  /// Begins the sandbox of a session that listens.
  ///
  /// - Parameters:
  ///   - needs: What the session has to reach, beside the socket and the port file.
  ///   - access: The control whose files SIGHUP reads again; `nil` for none.
  ///   - stream: What is done with connections, if that may be to run a command.
  mutating func beginSandbox(
    _ needs: SandboxNeeds, on endpoint: Endpoint, rereading access: AccessControl?,
    running stream: StreamInvocation? = nil,
    _ observer: any SessionObserver
  ) throws(Failure) {
    var needs = needs
    needs.listen(on: endpoint)
    if let portFile { needs.earlyFiles.write(portFile) }
    if let paths = access?.reloadedPaths {
      for path in paths.read { needs.files.readAgain(path) }
      for path in paths.written { needs.files.write(path) }
    }
    // The paths of what is opened later are paths inside it.
    if let root = privileges.root { needs.earlyFiles.replace(in: root) }
    let command = stream.flatMap { stream in
      stream.command.map { ($0, naming: stream.commandVariables, privileges: privileges) }
    }
    sandbox = try Sandbox.begin(needs, for: command, observer)
  }

  /// Announces sockets that receive datagrams.
  func announce(datagramsAt locals: [Address], _ observer: any SessionObserver) throws(Failure) {
    try announce(locals.map { ($0, .ofDatagrams($0.family)) }, observer)
  }

  /// Announces listening sockets, or that a single connection is served.
  ///
  /// - Parameter access: The control whose files SIGHUP reads again.
  func announce(
    _ listeners: ListenerGroup, rereading access: AccessControl, _ observer: any SessionObserver
  ) throws(Failure) {
    try announce(
      listeners.isSole ? [] : Array(zip(listeners.locals, listeners.transports)), rereading: access, observer)
    var settings = SocketSettings()
    share(&settings)
    for option in listeners.sockets.first.map(settings.effectiveForListening) ?? [] {
      observer.report(.option(option))
    }
  }

  /// Opens the listening sockets of each worker, on the same port.
  func open(_ binder: Binder, workers: Int) throws(Failure) -> [ListenerGroup] {
    guard workers > 1 else { return [try binder.listen()] }
    // Sockets that share a port would also share it with another server. A socket that does not share it detects
    // whether there is one.
    let exclusive = try binder.listen()
    exclusive.close()
    var sharing = binder
    sharing.settings.isPortReused = true
    var groups: [ListenerGroup] = []
    for _ in 0..<workers { groups.append(try sharing.listen(on: exclusive.locals)) }
    return groups
  }
}
