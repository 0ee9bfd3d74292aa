// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import Sockets
import SockkitCore

/// Accepts one connection and relays standard input and output over it.
struct Listen: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, because to derive the name from the type's costs a sixth of the start-up time.
    commandName: "listen",
    abstract: "Accept one connection and relay standard input and output over it.",
    usage: "sockkit listen [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH",
    discussion: """
      Examples:
        sockkit listen 5000 | tar x
        sockkit listen --port-file port 127.0.0.1:0 < answer
        sockkit listen -w 30s -U /run/app.sock > received
      """)

  @Argument(
    help: ArgumentHelp(
      "PORT, HOST PORT, HOST:PORT, :PORT or unix:PATH; port 0 lets the kernel choose.",
      valueName: "address"))
  var address: [String] = []

  @OptionGroup(title: "Addressing") var addressing: AddressingOptions

  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Timing") var timing: TimingOptions
  @OptionGroup(title: "End of stream") var streams: StreamOptions
  @OptionGroup(title: "Socket options") var socketOptions: SocketOptions
  @OptionGroup(title: "Measuring") var measuring: MeasuringOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Listens, accepts one connection and relays; what goes wrong is thrown as a `Failure`.
  func run() throws {
    let endpoint = try addressing.localEndpoint(address)
    var settings = try socketOptions.settings(for: endpoint)
    settings.isPortReused = listening.reusePort
    if case .unix = endpoint, listening.portFile != nil {
      throw ValidationError("--port-file: a Unix socket has no port")
    }
    let reporter = reporting.configureReporter()
    let limits = timing.limits()

    var binder = Binder(on: endpoint)
    binder.resolver = addressing.resolver
    binder.settings = settings

    let signals = try SignalQueue([SIGINT, SIGTERM, SIGHUP])
    let socket = try acceptOne(binder, until: limits.deadline, or: signals, reporter)
    let session = StreamSession(
      policy: streams.policy, limits: limits, settings: settings, measuring: measuring, reporter: reporter)
    try session.run(socket, until: signals)
  }

  /// Waits for the one connection; the listener is gone when this returns, so that nobody else waits in vain.
  private func acceptOne(
    _ binder: Binder, until end: Deadline, or signals: borrowing SignalQueue, _ reporter: Reporter
  ) throws -> StreamSocket {
    let listener = try binder.listen()
    if let portFile = listening.portFile, let port = listener.local.port {
      try PortFile(path: portFile).write(port)
    }
    reporter.report(.listening(listener.local))
    if binder.settings.isFastOpen {
      reporter.report(.option(EffectiveOption("fast-open", .number(listener.fastOpenQueue))))
    }
    let wait = TimingOptions.limit(timing.connectTimeout)
    let deadline = min(end, wait.map(Deadline.after) ?? .never)
    while true {
      if let socket = try listener.accept() {
        reporter.report(.accepted(from: socket.remote, on: socket.local))
        return socket
      }
      var readiness = PollSet()
      readiness.add(listener.number, for: .readable)
      readiness.add(signals.number, for: .readable)
      guard try readiness.wait(until: deadline) else {
        throw Failure(.timedOut, "accept on \(listener.local): timed out, nobody connected")
      }
      if let signal = signals.next() {
        _ = consume listener
        ProcessSignals.die(by: signal)
      }
    }
  }
}

/// How a server makes itself known.
struct ListeningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the port to this file once connections are accepted.", valueName: "file"),
    transform: ValueArgument.nonEmpty)
  var portFile: String?

  @Flag(help: "Let other listeners share the port (SO_REUSEPORT).")
  var reusePort = false
}
