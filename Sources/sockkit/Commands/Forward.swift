// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets
import Transport

/// Accepts connections and passes each on to a target.
struct Forward: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward",
    abstract: "Accept connections, and connect each to a target.",
    usage: "sockkit forward [<options>] LISTEN TARGET",
    discussion: """
      What one side sends the other receives; an end is passed on as an end, and a reset as a reset. A client that the \
      target does not answer is reset. Socket options are set on both sides, but for --fast-open, which is for clients.

      Examples:
        sockkit forward 8080 example.org:80
        sockkit forward -v 127.0.0.1:5432 unix:/run/postgresql/.s.PGSQL.5432
        sockkit forward --allow 192.0.2.0/24 --rate 1M --stats 7000 unix:/run/app.sock
      """)

  @Argument(
    help: ArgumentHelp("PORT, HOST PORT, HOST:PORT, :PORT or unix:PATH; port 0 lets the kernel choose."),
    completion: .localAddress)
  var listen: String?

  @Argument(
    help: ArgumentHelp(
      "HOST PORT, HOST:PORT, [IPV6]:PORT or unix:PATH; a name is looked up for each client."),
    completion: .target)
  var target: String?

  @Argument(help: .hidden, completion: .service)
  var more: [String] = []

  @OptionGroup(title: "Forwarding") var options: ForwardOptions
  @OptionGroup(title: "Recording") var recording: ForwardRecordingOptions
  @OptionGroup(title: "Addressing") var addressing: ForwardAddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Admission") var admitting: AdmissionOptions
  @OptionGroup(title: "Socket options") var socket: SocketOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Forwards until it is told to stop; what goes wrong is thrown.
  func run() throws {
    let reporter = reporting.configureReporter()
    let (place, endpoint) = try addressing.endpoints([listen, target].compactMap { $0 } + more)
    try listening.check(place)
    let plan = ForwardPlan(
      place: place, target: endpoint, options: options, recording: recording.paths, addressing: addressing,
      admitting: admitting, socket: socket, reporter: reporter)
    let forwardTarget = try Upstream(endpoint, addressing.resolver.on(interface: socket.interface))
    var settings = try plan.settings()
    let binder = try plan.binder(isPortReused: listening.reusePort)
    try plan.recording.check()
    let listeners = try ListenerGroupOpener(binder: binder, workers: options.workers ?? 1).open()
    for place in listeners[0].locals { try forwardTarget.check(settings.connector, from: place) }
    // Where nothing can be bound no file is made, which another try would find.
    settings.recording = try plan.recording.open(reporter).map { ForwardRecording(in: $0) }
    reporter.mayLose()
    let signals = try SignalQueue(Server.signals, for: settings.access)
    try listening.announce(listeners[0].locals, .stream, reporter)
    plan.reportOptions(of: listeners[0], asked: binder.settings)

    let totals = ForwardTotals()
    let forwarder = Forwarder(to: forwardTarget, settings) { event in
      totals.count(event)
      reporter.report(forwarded: event)
      plan.writeStatistics(of: event)
    }
    try forwarder.run(listeners, until: signals)
    try settings.recording?.close()
    signals.ignore()
    if options.stats { plan.write(totals.statistics) }
  }
}
