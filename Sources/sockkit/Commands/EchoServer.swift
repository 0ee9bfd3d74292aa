// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Services
import Sockets

/// Serves the echo protocol.
struct EchoServer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo-server",
    abstract: "Send back what clients send (RFC 862), over TCP, UDP or both.",
    usage: "sockkit echo-server [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH",
    discussion: """
      Examples:
        sockkit echo-server 7000
        sockkit echo-server --tcp --udp --prefix 'echo -> ' 127.0.0.1:7000
        sockkit echo-server -v --model fork --allow 192.0.2.0/24 7000
      """)

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Echoing") var echoing: EchoOptions
  @OptionGroup(title: "Serving") var serving: ServerOptions<UsuallyEvent>
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Refuses options that would do nothing.
  func validate() throws {
    if echoing.udp, !echoing.tcp, let flag = serving.connectionFlag {
      throw ValidationError("\(flag) is about connections, and --udp without --tcp serves none")
    }
  }

  /// Serves until a signal ends it; what goes wrong is thrown.
  func run() throws {
    let session = ServerSession(
      addressing: addressing, listening: listening, backlog: serving.admitting.backlog,
      reporter: reporting.configureReporter(isJSON: serving.json))
    let endpoint = try addressing.localEndpoint(address)
    let settings = try serving.settings()
    guard echoing.tcp || !echoing.udp else {
      try listening.check(endpoint)
      let echo = try datagramEcho(on: endpoint, session, settings.access, session.skipped)
      session.reporter.mayLose()
      let signals = try SignalQueue(ConnectionOptions.endingSignals, for: settings.access)
      try listening.announce(echo.locals, .datagram, session.reporter)
      return try echo.run(until: signals)
    }
    var server = Server(EchoService(prefix: echoing.prefix ?? []), settings) {
      session.reporter.report(connection: $0)
    }
    let (listeners, echo) = try open(endpoint, settings, session)
    server.sideline = echo
    try session.run(listeners, server, beside: echo?.locals ?? [])
  }

  /// Opens the listeners, and on the same port the sockets for datagrams.
  private func open(
    _ endpoint: Endpoint, _ settings: ServerSettings, _ session: ServerSession
  ) throws -> ([ListenerGroup], DatagramEcho?) {
    for attempt in 1... {
      let listeners = try session.open(endpoint, settings)
      guard echoing.udp else { return (listeners, nil) }
      guard case .internet(let host, let wanted) = endpoint, let port = listeners[0].local.port else {
        throw ValidationError("--tcp and --udp cannot share a Unix socket")
      }
      do {
        return (
          listeners, try datagramEcho(on: .internet(host: host, port: "\(port)"), session, settings.access)
        )
      } catch let error as Failure {
        // The kernel chose a port that is free for TCP, and may be taken for UDP.
        guard wanted == "0", attempt < Binder.portAttempts else { throw error }
      }
    }
    fatalError("the attempts are bounded")
  }

  private func datagramEcho(
    on endpoint: Endpoint, _ session: ServerSession, _ access: AccessControl,
    _ skipped: @escaping @Sendable (SystemError) -> Void = { _ in }
  ) throws -> DatagramEcho {
    var binder = Binder(on: endpoint)
    binder.resolver = addressing.resolver
    var settings = DatagramSettings()
    settings.isPortReused = listening.reusePort
    binder.skipped = skipped
    let reporter = session.reporter
    let sockets = DatagramSockets(try binder.receiveDatagrams(with: settings, detail: .everything)) {
      reporter.report(datagrams: $0)
    }
    let policy = AccessPolicy(access) { reporter.report(connection: $0) }
    return try DatagramEcho(sockets, prefix: echoing.prefix ?? [], policy: policy) {
      reporter.report(datagrams: $0)
    }
  }
}

/// Over what is echoed, and how.
struct EchoOptions: ParsableArguments {
  @Flag(help: "Serve TCP (the default).")
  var tcp = false

  @Flag(help: "Serve UDP; with --tcp both, on the same port.")
  var udp = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Put this text before each line (TCP) or datagram (UDP).", valueName: "text"),
    transform: ValueArgument.escapedText)
  var prefix: [UInt8]?
}
