// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Glibc
import Sockets
import SockkitCore

/// Opens a connection and relays standard input and output over it.
struct Connect: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, because to derive the name from the type's costs a sixth of the start-up time.
    commandName: "connect",
    abstract: "Open a connection and relay standard input and output over it.",
    usage: "sockkit connect [<options>] HOST PORT | HOST:PORT | [IPV6]:PORT | unix:PATH",
    discussion: """
      Examples:
        tar c photos | sockkit connect --progress server 5000
        printf 'GET / HTTP/1.0\\r\\n\\r\\n' | sockkit connect example.org:80
        sockkit connect --retry 30s -U /run/app.sock < request
      """)

  @Argument(help: ArgumentHelp("HOST PORT, HOST:PORT, [IPV6]:PORT or unix:PATH.", valueName: "address"))
  var address: [String] = []

  @OptionGroup(title: "Addressing") var addressing: AddressingOptions

  @OptionGroup(title: "Timing") var timing: TimingOptions

  @OptionGroup(title: "Timing") var retrying: RetryOptions
  @OptionGroup(title: "End of stream") var streams: StreamOptions
  @OptionGroup(title: "Socket options") var socketOptions: SocketOptions
  @OptionGroup(title: "Measuring") var measuring: MeasuringOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  private static let defaultLimit = Duration.seconds(10)

  /// Connects and relays; what goes wrong is thrown as a `Failure`.
  func run() throws {
    let endpoint = try addressing.remoteEndpoint(address)
    let settings = try socketOptions.settings(for: endpoint)
    let reporter = reporting.configureReporter()
    let limits = timing.limits()

    var dialer = Dialer(to: endpoint)
    dialer.resolver = addressing.resolver
    dialer.connector.settings = settings
    dialer.connector.attemptFailed = { reporter.report(.attemptFailed($0)) }
    try addressing.applySource(to: &dialer.connector)
    dialer.limit = TimingOptions.limit(timing.connectTimeout ?? Self.defaultLimit)
    dialer.retry = TimingOptions.limit(retrying.retry)
    dialer.deadline = limits.deadline

    let socket = try dialer.dial()
    reporter.report(.connected(from: socket.local, to: socket.remote))
    let signals = try SignalQueue([SIGINT, SIGTERM, SIGHUP])
    let session = StreamSession(
      policy: streams.policy, limits: limits, settings: settings, measuring: measuring, reporter: reporter)
    try session.run(socket, until: signals)
  }
}

/// How long to wait for somebody to listen.
struct RetryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep trying for this long until somebody listens.", valueName: "duration"),
    transform: ValueArgument.duration)
  var retry: Duration?
}
