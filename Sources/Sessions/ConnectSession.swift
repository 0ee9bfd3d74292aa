// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets
import Transport

/// How to connect to a peer.
package struct DialSettings: Sendable {
  /// The peer.
  package var endpoint: Endpoint
  /// How names are looked up.
  package var resolver = Resolver()
  /// The local address to connect from.
  package var source = LocalSource()
  /// The path of the source of Unix datagrams, which is removed at the end; `nil` for a name without a file.
  package var sourcePath: String?
  /// The source of a connection between virtual machines; `nil` if the kernel chooses.
  package var machineSource: VsockAddress?
  /// The proxies to connect through; `nil` for none.
  package var proxies: ProxyChain?
  /// The socket options.
  package var settings = SocketSettings()
  /// The time for one look-up and connection, over all addresses; `nil` for as long as the system tries.
  package var limit: Duration?
  /// The time for each address, and for a handshake over its connection; `nil` for no limit but that of all together.
  package var attemptLimit: Duration?
  /// The time during which attempts are repeated; `nil` for a single attempt.
  package var retry: Duration?
  /// The ports that later sessions of this process connect to.
  package var furtherPorts: [UInt16] = []
  /// The files that handshakes read and write.
  var files = NeededFiles()

  /// Creates the default settings.
  package init(to endpoint: Endpoint) { self.endpoint = endpoint }

  /// The dialer that connects to the peer, no later than a deadline.
  ///
  /// - Throws: A failure to look up the local address.
  func dialer(until deadline: Deadline, _ observer: any SessionObserver) throws(Failure) -> Dialer {
    var dialer = Dialer(to: proxies?.first ?? endpoint)
    dialer.isOfProxy = proxies != nil
    dialer.resolver = resolver
    dialer.connector.settings = settings
    dialer.connector.attemptLimit = attemptLimit
    dialer.connector.sourcePath = sourcePath
    dialer.connector.machineSource = machineSource
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

extension DialSettings {
  /// What has to be reached to connect.
  var needs: SandboxNeeds {
    var needs = SandboxNeeds()
    needs.connect(to: proxies?.first ?? endpoint)
    needs.files = files
    if let proxies { needs.files.add(proxies.files) }
    for port in furtherPorts { needs.targets.add(port) }
    if !furtherPorts.isEmpty {
      needs.connectsLater = true
      needs.looksUpLater = endpoint.isNamed || proxies != nil
    }
    if source.host != nil || source.port != nil {
      needs.bind(port: source.port ?? "0")
    }
    if let sourcePath {
      needs.listen(on: .unix(sourcePath))
    }
    return needs
  }
}

extension Dialer {
  /// Connects through the proxies of the settings, if there are any.
  ///
  /// - Throws: A failure of the look-up of the target, if it is looked up here.
  mutating func connectThroughProxies(_ settings: DialSettings) throws(Failure) {
    guard let proxies = settings.proxies else { return }
    let target = try proxies.target(settings.endpoint, by: resolver, until: lookupEnd)
    let makeTransport = makeTransport
    self.makeTransport = { proxies.makeStream(over: makeTransport($0, $1), to: target) }
  }

  /// The end of the time for a look-up that begins now.
  var lookupEnd: Deadline { min(deadline, limit.map(Deadline.after) ?? .never) }
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
    var session = try StreamSession(stream, observer)
    try judging { () throws(IOFailure) in try stream.command?.check() }
    dialing.proxies?.prepare()
    let sandbox = try Sandbox.begin(
      needs, for: stream.command.map { ($0, naming: stream.commandVariables, privileges: Privileges()) },
      observer)
    session.invocation.spawner = sandbox.spawner
    var dialer = try dialing.dialer(until: session.limits.deadline, observer)
    dialer.makeTransport = stream.layers.makeTransport
    try dialer.connectThroughProxies(dialing)
    let isRelayed = stream.command.map { CommandSession($0, session).isRelayed }
    if stream.settings.isBlocking || isRelayed == false, dialing.proxies == nil {
      let socket = try dialer.dialSocket()
      observer.report(.connected(from: socket.local, to: socket.remote, over: socket.transport))
      try session.invocation.filters.records.openEarly(observer)
      try sandbox.confine()
      sandbox.report()
      guard let command = stream.command else { return try session.runBlocking(socket) }
      return try CommandSession(command, session).run(socket, until: Self.signals())
    }
    var end = Deadline.never
    let transport = try dialer.dial(&end)
    defer { dialer.connector.removeSource() }
    observer.report(connected: transport, dialing)
    try session.invocation.filters.records.openEarly(observer)
    try sandbox.confine()
    sandbox.report()
    if stream.passesDescriptor { return try pass(transport) }
    if let command = stream.command {
      return try CommandSession(command, session).relay(
        transport, handshakeBefore: end, until: Self.signals())
    }
    return try session.run(transport, handshakeBefore: end, until: Self.signals())
  }

  private var needs: SandboxNeeds {
    var needs = dialing.needs
    needs.files.add(NeededFiles(of: stream))
    needs.earlyFiles.add(NeededFiles(before: stream))
    return needs
  }

  /// Passes the connection on to the process at the other end of standard output.
  private func pass(_ transport: any ByteStream) throws(Failure) -> SessionOutcome {
    try judging { () throws(IOFailure) in
      // From here on the other process determines how the connection ends.
      _ = try transport.setCloseRule(.orderly)
      try stream.output.pass(transport.descriptor, name: "standard output")
    }
    return .success
  }

  private static func signals() throws(Failure) -> SignalQueue {
    try judging { () throws(IOFailure) in try SignalQueue(StreamInvocation.endingSignals) }
  }
}

extension SessionObserver {
  /// Reports a connection that this side has opened.
  func report(connected stream: any ByteStream, _ dialing: DialSettings) {
    report(
      .connected(
        from: stream.local, to: stream.remote,
        over: StreamTransport(of: stream.descriptor, family: stream.remote.family)))
    if let proxies = dialing.proxies { report(.proxied(to: dialing.endpoint, through: proxies.names)) }
  }
}
