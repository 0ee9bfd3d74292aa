// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Glibc
package import Sessions
import Sockets
import SystemPackage
import Transport

/// `ncat` of the Nmap project.
package struct NcatProgram: FrontEnd {
  /// The options of the command line.
  let options: NcatOptions
  private let target: NcatTarget
  private let proxy: NcatProxy?
  private let proxyServer: NcatProxyServer?

  /// Takes a command line.
  ///
  /// - Throws: The end of the program: help, the version, or a usage error.
  package init(_ program: ProgramName, _ words: [String]) throws(ProgramMessage) {
    options = try NcatOptions(words, of: program)
    let preface = Self.preface(of: options)
    func refuse(_ text: String) -> ProgramMessage {
      .error(preface + [NcatMessages.quitting(text)], status: 2)
    }
    if let problem = options.conflict { throw refuse(problem) }
    do throws(NcatTarget.Problem) {
      target = try NcatTarget(options)
      let user = ProcessEnvironment.value(of: "NCAT_PROXY_AUTH")
      proxy = try NcatProxy(options, environment: user)
      proxyServer = try NcatProxyServer(options, environment: user)
    } catch {
      throw refuse(error.text)
    }
  }

  package var isVerbose: Bool { options.verbosity > 0 }

  package var preface: [String] { Self.preface(of: options) }

  private static func preface(of options: NcatOptions) -> [String] {
    (options.verbosity > 0 ? [NcatUsage.versionLine] : []) + options.warnings.map { "Ncat: \($0)" }
  }

  package var messages: any MessageStyle { style }

  private var style: NcatMessages {
    NcatMessages(
      isVerbose: isVerbose, isDetailed: options.verbosity > 1, listens: options.listens,
      servesBothFamilies: options.family == nil, isCheck: options.isCheck, isUDP: options.isUDP,
      runsCommand: options.command != nil, isSendOnly: options.sendsOnly,
      announcesTest: options.announcesTest, source: options.source,
      proxy: proxy?.host, servesProxy: options.servesProxy, usesTLS: options.usesTLS)
  }

  package func status(for status: ExitStatus) -> CInt { NcatMessages.status(for: status) }

  package func status(of failure: Failure) -> CInt { style.status(of: failure) }

  package func run(_ observer: any SessionObserver) throws(Failure) -> SessionOutcome {
    try stream.filters.records.create()
    let outcome = options.listens ? try listen(observer) : try connect(observer)
    // The status of a command is not that of the original.
    if case .commandExited = outcome { return .success }
    // Nor is it ended by this signal, if the reader of standard output has gone.
    if outcome == .killed(by: SIGPIPE) {
      throw Failure(IOFailure(.write("standard output"), .brokenPipe))
    }
    return outcome
  }

  // MARK: Connecting

  private func connect(_ observer: any SessionObserver) throws(Failure) -> SessionOutcome {
    let dialing = try dialing(observer)
    let protection = try NcatTLS(options: options).client(to: host ?? "", observer)
    guard options.isCheck else {
      var stream = connectStream
      stream.protect(protection)
      return try ConnectSession(dialing, stream, observer).run()
    }
    return try check(dialing, protection, observer)
  }

  private var host: String? { if case .internet(let host, _) = target.endpoint { host } else { nil } }

  private func check(
    _ dialing: DialSettings, _ protection: Protection?, _ observer: any SessionObserver
  ) throws(Failure) -> SessionOutcome {
    var port: UInt16 = 0
    if case .internet(_, let text) = target.endpoint { port = UInt16(text) ?? 0 }
    // The original sends one byte of zero.
    let probe = DatagramProbe.Settings(content: [0], patience: options.idle ?? .seconds(2))
    let place = CheckSession.Target(dialing, ports: [port], protection, probe: probe)
    return try CheckSession(of: [place], within: nil, observer) { _ in }.run()
  }

  private func dialing(_ observer: any SessionObserver) throws(Failure) -> DialSettings {
    var dialing = DialSettings(to: target.endpoint)
    dialing.resolver = resolver
    dialing.settings = settings
    dialing.attemptLimit = options.wait
    if options.isUnix {
      dialing.sourcePath = options.source
    } else if options.isVsock {
      dialing.machineSource = target.source
    } else {
      dialing.source.host = options.source
      dialing.source.port = options.sourcePort
    }
    if let proxy {
      dialing.proxies = proxy.chain(options.proxyLookup)
      dialing.endpoint = try endpointBehindProxy()
    }
    return dialing
  }

  /// The target as a proxy is told, for the rules of `--proxy-dns` that it does not know.
  private func endpointBehindProxy() throws(Failure) -> Endpoint {
    guard case .internet(let host?, let port) = target.endpoint, IPAddress(host) == nil else {
      return target.endpoint
    }
    switch options.proxyLookup {
    case .local, .remote: return target.endpoint
    case .none: throw Failure(ResolutionError(name: host, reason: .unknownHost("Name or service not known")))
    case .both:
      // A name that is not known here may be known there.
      guard case .internet(let address, _)? = try? resolver.addresses(ofHost: host, port: 0).first else {
        return target.endpoint
      }
      return .internet(host: "\(address)", port: port)
    }
  }

  private var resolver: Resolver { Resolver(family: options.family, isNumericOnly: options.isNumeric) }

  /// What a client does with its connection.
  package var connectStream: StreamInvocation {
    var stream = stream
    guard stream.command == nil else { return stream }
    // Datagrams have no end that the peer could answer.
    if options.isUDP, !options.staysAfterInput, !options.receivesOnly {
      stream.policy.quitAfter = options.quitAfter ?? .zero
    }
    // The peer's end is that of the program, even if the input goes on, unless nothing is expected from it.
    stream.policy.stopsInputOnPeerEnd = !options.keepsOpen && !options.sendsOnly
    return stream
  }

  // MARK: Listening

  private func listen(_ observer: any SessionObserver) throws(Failure) -> SessionOutcome {
    let protection = try NcatTLS(options: options).server(on: host, observer)
    let access = try NcatHosts(resolver: resolver).sources(options)
    if let proxyServer {
      var invocation = proxyServer.invocation(on: target.endpoint, resolver)
      invocation.access = access
      invocation.protect(clients: protection, target: nil)
      return try ForwardSession(invocation, observer).run()
    }
    var stream = listenStream
    stream.protect(protection)
    var invocation = ListenInvocation(on: target.endpoint, stream)
    invocation.access = access
    invocation.listening.resolver = resolver
    // Unlike this program itself, the original has commands serve everybody.
    invocation.guardsCommand = false
    invocation.isForMany = isForMany
    invocation.maximumConnections = maximumConnections
    invocation.turnsAwayWhenFull = true
    invocation.isEndedBySignal = true
    if isForMany, options.command == nil { invocation.hub = hub }
    return try ListenSession(invocation, observer).run()
  }

  /// What a listener does with its connection.
  package var listenStream: StreamInvocation {
    var stream = stream
    if stream.command == nil { stream.policy.stopsInputOnPeerEnd = !options.sendsOnly }
    // Datagrams have no end: without a limit, the command of a peer that has ended would never end.
    if options.isUDP, isForMany, stream.command != nil { stream.limits.idle = options.idle ?? Self.usualIdle }
    // A signal ends the program, and with it what it has started.
    stream.grace = .zero
    return stream
  }

  private var isForMany: Bool { options.keepsOpen || options.isBroker }

  private var maximumConnections: Int { options.maximumConnections ?? Self.usualMaximum }

  private static let usualMaximum = 100

  private static let usualIdle = Duration.seconds(60)

  private var hub: HubSettings {
    var hub = HubSettings()
    hub.maximumConnections = maximumConnections
    hub.mergesLines = false
    hub.halfCloses = options.halfCloses
    hub.quitAfter = options.quitAfter
    hub.stopsSupplyOnPeerEnd = true
    if options.isBroker {
      hub.destination = .others(asChat: options.isChat)
      hub.chat = NcatChat.style
    }
    if options.sendsOnly { hub.destination = .discarded }
    if options.receivesOnly { hub.supply = .nothing }
    return hub
  }

  // MARK: The connection

  private var settings: SocketSettings {
    var settings = SocketSettings()
    settings.kind = options.isUDP ? .datagram : .stream
    settings.streamProtocol = options.isSCTP ? .sctp : .tcp
    return settings
  }

  private var stream: StreamInvocation {
    var stream = StreamInvocation()
    stream.settings = settings
    if options.isUDP { stream.layers.makeTransport = { socket, _ in DatagramStream(socket) } }
    stream.limits.idle = options.idle
    stream.filters.convertsLineEnds = options.convertsLineEnds
    stream.filters.speaksTelnet = options.speaksTelnet
    stream.filters.delay = options.delay
    stream.filters.records = options.records
    stream.filters.receivedDelay = options.delay
    stream.filters.receivedDelayUnit = .read
    stream.command = options.command
    stream.commandVariables = CommandEnvironment.Naming(
      prefix: "NCAT", includesUCSPI: false, isComplete: true)
    stream.policy.directions =
      options.receivesOnly ? .receiveOnly : options.sendsOnly ? .sendOnly : .both
    guard options.command == nil else { return stream }
    stream.policy.halfCloses = options.halfCloses
    stream.policy.quitAfter = options.quitAfter
    stream.interaction.guardsTerminal = DescriptorKind(of: .standardOutput) == .terminal
    return stream
  }
}

extension NcatOptions {
  /// The files that record the traffic.
  var records: RecordPaths {
    var records = RecordPaths()
    records.both = output
    records.hexDump = hexDump
    records.hexDumpFormat = .plain
    records.existing = appends ? .continued : .replaced
    return records
  }
}
