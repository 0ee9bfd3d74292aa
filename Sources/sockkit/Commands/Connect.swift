// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// Opens a connection and relays standard input and output over it.
struct Connect: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, because ArgumentParser takes its time to derive a name from the type's.
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

  @OptionGroup var options: ConnectionOptions
  @OptionGroup(title: "Timing") var retrying: RetryOptions

  /// Connects and relays; what goes wrong is thrown as a `Failure`.
  func run() throws {
    let endpoint = try options.addressing.remoteEndpoint(address)
    let settings = try options.socket.settings(for: endpoint)
    let session = options.session(settings: settings)
    let reporter = session.reporter

    var dialer = try options.timing.dialer(
      to: endpoint, options.addressing, until: session.limits.deadline, reporter)
    dialer.connector.settings = settings
    dialer.retry = TimingOptions.limit(retrying.retry)

    let socket = try dialer.dial()
    reporter.report(.connected(from: socket.local, to: socket.remote))
    try session.run(socket, until: try SignalQueue(ConnectionOptions.endingSignals))
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
