// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Handshakes
package import Sockets
import Synchronization
import TLS
package import Transport

/// What to forward, and how.
package struct ForwardInvocation: Sendable {
  /// Where to listen.
  package var endpoint: Endpoint
  /// The target that each client is connected to; `nil` if each asks for its own.
  package var target: Endpoint?
  /// What clients may ask for, if there is no common target.
  package var serving: ProxyServing?
  /// How to listen, and to announce the port.
  package var listening = ListeningSettings()
  /// The peers that may connect.
  package var access = AccessSources()
  /// The local address to connect to the target from; `nil` leaves it to the kernel.
  package var source: IPAddress?
  /// How the stream of a client's connection is made.
  package var clientLayers = StreamLayers()
  /// The version of the header with which the target is told who the client is; `nil` for none.
  package var sentHeader: ProxyHeader.Version?
  /// The proxies to connect to the target through; `nil` for none.
  package var proxies: ProxyChain?
  /// Protects the connections to the target; `nil` for no protection.
  package var protectTarget: StreamLayer?
  /// The files of the protection towards clients that SIGHUP reloads; `nil` for none.
  var reload: ReloadedFiles?
  /// The files that are opened while connections are forwarded.
  package var files = NeededFiles()
  /// The socket options of both sides.
  package var settings = SocketSettings()
  /// Whether the target is connected to over SCTP. Without that, SCTP is the protocol of the clients' side only.
  package var usesSCTPToTarget = false
  /// Whether TCP_NODELAY is reported, because an option requested it; it is set in any case.
  package var reportsNoDelay = false
  /// The time to connect a client to the target; `nil` for as long as the system tries.
  package var connectLimit: Duration?
  /// The longest time without a byte in either direction; `nil` for no limit.
  package var idle: Duration?
  /// The maximum number of bytes per second, in each direction of each connection; `nil` for no limit.
  package var rate: Int?
  /// The time that connections have to end when the program is stopped; `nil` for the default.
  package var grace: Duration?
  /// The maximum number of simultaneous connections; `nil` for as many as the descriptors allow.
  package var maximumConnections: Int?
  /// Whether clients are closed at once while there are as many as the limit; otherwise they wait.
  package var turnsAwayWhenFull = false
  /// Whether a signal ends the program by that signal, rather than with success.
  package var isEndedBySignal = false
  /// The number of event loops.
  package var workers = 1
  /// The files that record the traffic.
  package var records = RecordPaths()
  /// Whether statistics are reported.
  package var reportsStatistics = false

  /// Creates an invocation with the default settings.
  package init(from endpoint: Endpoint, to target: Endpoint) {
    self.endpoint = endpoint
    self.target = target
  }

  /// Creates the invocation of a proxy with the default settings.
  package init(from endpoint: Endpoint, serving: ProxyServing) {
    self.endpoint = endpoint
    self.serving = serving
  }
}

/// A forwarder, from the opening of its listening sockets to its end.
package struct ForwardSession {
  private let invocation: ForwardInvocation
  private let observer: any SessionObserver

  /// Descriptors that are neither connections nor pipes: standard streams, signals, attempts, look-ups.
  private static let reservedDescriptors = 12
  /// The descriptors of each event loop.
  private static let descriptorsOfLoop = 5
  private static let mostPipes = 128

  /// Creates a session.
  package init(_ invocation: ForwardInvocation, _ observer: any SessionObserver) {
    self.invocation = invocation
    self.observer = observer
  }

  /// Forwards until a signal ends the program.
  ///
  /// - Throws: The failure of the session.
  package func run() throws(Failure) -> SessionOutcome {
    let access = try AccessControl(
      invocation.access, reloading: invocation.reload, invocation.serving?.users?.reload)
    invocation.proxies?.prepare()
    if invocation.serving?.users?.digest != nil { OpenSSL.prepareHashes() }
    var listening = try listening()
    try listening.beginSandbox(needs, on: invocation.endpoint, rereading: access, observer)
    let upstream = try (invocation.proxies?.first ?? invocation.target).map { (target) throws(Failure) in
      try Upstream(target, invocation.listening.resolver)
    }
    var settings = try settings(access)
    var binder = invocation.listening.binder(on: invocation.endpoint, observer)
    binder.isOnLoopback = invocation.serving?.isOnLoopback ?? false
    binder.settings = socketSettings
    invocation.listening.share(&binder.settings)
    try invocation.records.check()
    let listeners = try invocation.listening.open(binder, workers: invocation.workers)
    for local in listeners[0].locals { try upstream?.check(settings.connector, from: local) }
    // Opened only once the port is bound: an attempt that fails must not leave a file behind, which the next would
    // find.
    settings.recording = try judging { () throws(IOFailure) in
      try invocation.records.open(observer).map { ForwardRecording(in: $0) }
    }
    observer.mayLose()
    let signals = try judging { () throws(IOFailure) in
      try SignalQueue(Server.signals, for: settings.access)
    }
    try listening.announce(listeners[0], rereading: settings.access, observer)
    reportOptions(of: listeners[0], asked: binder.settings)

    let totals = ForwardTotals()
    let ending = Guarded(CInt?.none)
    let forwarder = Forwarder(to: target(through: upstream, at: listeners[0].locals), settings) {
      [observer, invocation] event in
      totals.count(event)
      if case .reception(.stopping(let signal)) = event { ending.withLock { $0 = signal } }
      observer.report(forwarded: event)
      guard invocation.reportsStatistics, observer.isVerbose,
        case .closed(let client, let toTarget, let toClient, let duration, _) = event
      else { return }
      observer.report(
        ForwardStatistics(client: client, toTarget: toTarget, toClient: toClient, over: duration))
    }
    // A signal that comes after the end is too late to change the status.
    defer { signals.ignore() }
    try judging { () throws(IOFailure) in
      try forwarder.run(listeners, until: signals)
      try settings.recording?.close()
    }
    if invocation.reportsStatistics { observer.report(totals.statistics) }
    if invocation.isEndedBySignal, let signal = ending.withLock({ $0 }) { return .killed(by: signal) }
    return .success
  }

  /// What clients are connected to.
  ///
  /// - Parameter upstream: The target, or the first proxy.
  private var needs: SandboxNeeds {
    var needs = SandboxNeeds()
    needs.files = invocation.files
    if let proxies = invocation.proxies { needs.files.add(proxies.files) }
    for file in invocation.records.files { needs.earlyFiles.write(file.path) }
    needs.connectsLater = true
    needs.usesMultipath = invocation.settings.streamProtocol == .multipathTCP
    if invocation.source != nil { needs.bind(port: "0") }
    needs.looksUpLater =
      invocation.serving != nil || invocation.target?.isNamed == true || invocation.proxies != nil
    if invocation.serving != nil, invocation.proxies == nil { needs.targets = .all }
    if let target = invocation.proxies?.first ?? invocation.target { needs.connect(to: target) }
    return needs
  }

  private func target(through upstream: Upstream?, at locals: [Address]) -> ForwardTarget {
    if let serving = invocation.serving {
      return serving.target(at: locals, through: upstream.flatMap { invocation.proxies?.route(through: $0) })
    }
    guard let upstream else { fatalError("neither a target nor requests") }
    return .fixed(upstream, isProxy: invocation.proxies != nil)
  }

  private func settings(_ access: AccessControl) throws(Failure) -> ForwardSettings {
    let observer = observer
    var settings = ForwardSettings()
    settings.makeTargetStream = try makeTargetStream()
    settings.resolver = invocation.listening.resolver
    settings.connector.source = invocation.source
    settings.connector.settings = socketSettings
    if invocation.usesSCTPToTarget {
      settings.connector.settings.streamProtocol = .sctp
    } else if invocation.settings.streamProtocol == .sctp {
      settings.connector.settings.streamProtocol = .tcp
    }
    // The handshake would wait for bytes from the client, which may wait for bytes from the target.
    settings.connector.settings.isFastOpen = false
    settings.connector.attemptFailed = { observer.report(.attemptFailed($0)) }
    settings.connectLimit = invocation.connectLimit
    settings.idle = invocation.idle
    settings.rate = invocation.rate
    settings.grace = invocation.grace ?? settings.grace
    settings.turnsAwayWhenFull = invocation.turnsAwayWhenFull
    settings.access = access
    var layers = invocation.clientLayers
    layers.header = settings.access.headerLayer(observer)
    layers.request = invocation.serving?.layer
    settings.makeClientStream = layers.makeStream
    let limits = limits()
    settings.maximumConnections = limits.connections
    settings.isLimitedByDescriptors = limits.isOfDescriptors
    settings.maximumPipes = limits.pipes
    return settings
  }

  /// Creates the stream to the target: through the proxies, behind the header, and protected.
  private func makeTargetStream() throws(Failure) -> ForwardSettings.TargetStreamMaking {
    let (proxies, version, protect) = (invocation.proxies, invocation.sentHeader, invocation.protectTarget)
    let end = invocation.connectLimit.map(Deadline.after) ?? .never
    var target: ProxyTarget?
    if let proxies, let endpoint = invocation.target {
      target = try proxies.target(endpoint, by: invocation.listening.resolver, until: end)
    }
    return { [target] socket, acknowledged, client, requested in
      var stream: any ByteStream = SocketStream(socket, acknowledged: acknowledged)
      if let proxies, let target = target ?? requested {
        stream = proxies.makeStream(over: stream, to: target)
      }
      if let version {
        stream = HandshakeStream(over: stream, ProxyHeaderSender(ProxyHeader(of: client), version))
      }
      return protect?(stream) ?? stream
    }
  }

  /// How to listen. The options of a connection to the target may require a capability, which root does not leave to another
  /// user.
  private func listening() throws(Failure) -> ListeningSettings {
    var listening = invocation.listening
    guard invocation.settings.needsAdministrator else { return listening }
    if let account = listening.privileges.account, account.user != 0 {
      throw Failure(
        .usage,
        "--user: \(account) may not set the socket options of connections to a target (--mark, --debug-socket, --md5-key)"
      )
    }
    listening.privileges.kept = [.administerNetwork]
    return listening
  }

  private var socketSettings: SocketSettings {
    var settings = invocation.settings
    // The two peers have already decided when to send: nothing is delayed again here.
    settings.isNoDelay = true
    return settings
  }

  /// Reports the effective options of the listening sockets, which their connections inherit.
  private func reportOptions(of listeners: ListenerGroup, asked: SocketSettings) {
    for option in listeners.sockets.first.map(asked.effective) ?? [] {
      // An option that was not requested is not reported.
      guard option.name != "fast-open", option.name != "no-delay" || invocation.reportsNoDelay else {
        continue
      }
      observer.report(.option(option))
    }
    if asked.isFastOpen {
      observer.report(.option(EffectiveOption("fast-open", .number(listeners.fastOpenQueue))))
    }
  }

  /// The maximum numbers of connections, with two descriptors each, and of pipes, within the limit of descriptors. This
  /// limit takes precedence over the requested number: accepted connections must not use up the descriptors that others
  /// need to reach the target.
  private func limits() -> (connections: Int, isOfDescriptors: Bool, pipes: Int) {
    let workers = invocation.workers
    let reserved =
      Self.reservedDescriptors + invocation.records.files.count + workers * Self.descriptorsOfLoop
    let descriptors = max(2, DescriptorLimit.raise() - reserved)
    let pipes = min(Self.mostPipes, descriptors / 8)
    let possible = max(1, descriptors / 2 - pipes)
    let wanted = invocation.maximumConnections ?? possible
    if wanted > possible {
      observer.note(
        "--max-connections \(wanted) needs more descriptors than the limit allows (ulimit -n): "
          + "forwarding \(possible) at a time")
    }
    return (min(wanted, possible), wanted >= possible, pipes / workers)
  }
}
