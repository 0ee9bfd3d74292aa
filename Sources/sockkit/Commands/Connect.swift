// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets
import Usage

/// Opens a connection and relays standard input and output over it, or gives it to a command.
struct Connect: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, because ArgumentParser takes its time to derive a name from the type's.
    commandName: "connect",
    abstract: "Open a connection and relay standard input and output over it, or give it to a command.",
    usage: "sockkit connect [<options>] HOST PORT | HOST:PORT | [IPV6]:PORT | unix:PATH [-- COMMAND ARG...]",
    discussion: """
      Examples:
        tar c photos | sockkit connect --progress server 5000
        printf 'GET / HTTP/1.0\\r\\n\\r\\n' | sockkit connect example.org:80
        sockkit connect --retry 30s -U /run/app.sock < request
        sockkit connect -z -v --retry 1m server 22,https,8000-8010
        sockkit connect -z --retry 1m db:5432 cache:6379
        sockkit connect --chat server 5000
        sockkit connect -C -x - mail.example.org 25
        sockkit connect server 5000 -- tar c photos
      """)

  @Argument(
    help: ArgumentHelp("HOST PORT, HOST:PORT, [IPV6]:PORT or unix:PATH.", valueName: "address"),
    completion: .remoteAddress)
  var address: [String] = []

  @OptionGroup var options: ConnectionOptions
  @OptionGroup(title: "Timing") var dialing: DialingOptions
  @OptionGroup(title: "Checking") var checking: CheckOptions
  @OptionGroup(title: "Commands") var commands: CommandOptions

  // Not a group of its own: each type of options makes every start several per cent slower.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long the command may take to end when it is told to, until it is killed (default: 5s).",
      valueName: "duration"), transform: ValueArgument.duration)
  var grace: Duration?

  /// Refuses options that exclude each other, or would do nothing.
  func validate() throws {
    try checking.validate(options)
    if commands.invocation != nil {
      try commands.refuse(options.interaction.flags + options.streams.inputFlags)
      if checking.isCheck {
        throw ValidationError("-z opens connections only to close them, and runs no command")
      }
    } else if grace != nil {
      throw ValidationError("--grace requires a command")
    }
    guard let file = options.filters.hexDump, UsageAdvice.isProxy(file) else { return }
    throw ValidationError("-x writes a hex dump and takes no proxy; if \(file) is a file, write ./\(file)")
  }

  /// Connects and relays; what goes wrong is thrown as a `Failure`.
  func run() throws {
    if checking.isCheck { return try check() }
    let endpoint = try options.addressing.remoteEndpoint(address)
    try CheckOptions.refuseList(endpoint)
    let settings = try options.settings(for: endpoint)
    let session = try options.session(of: "connect", settings: settings)
    let reporter = session.reporter

    try commands.invocation?.check()
    let dialer = try dialer(to: endpoint, settings, until: session.limits.deadline, reporter)
    let socket = try dialer.dial()
    reporter.report(.connected(from: socket.local, to: socket.remote))
    let signals = try SignalQueue(ConnectionOptions.endingSignals)
    guard let invocation = commands.invocation else { return try session.run(socket, until: signals) }
    try CommandSession(invocation, grace: grace, session).run(socket, until: signals)
  }

  private func check() throws {
    let targets = try checking.targets(address, options.addressing)
    let reporter = options.reporting.configureReporter()
    let deadline = options.timing.limits().deadline
    let scans = try targets.map { target in
      let settings = try options.settings(for: target.endpoint)
      var dialer = try dialer(to: target.endpoint, settings, until: deadline, reporter)
      dialer.connector.closesInOrder = true
      // The lines of several ports come in their order, which those of single addresses would not.
      if targets.count > 1 || target.ports.count > 1 { dialer.connector.attemptFailed = { _ in } }
      return PortScan(of: dialer, ports: target.ports)
    }
    let endpoints = targets.map { "\($0.endpoint)" }.joined(separator: " ")
    try CheckSession(
      scans: scans, isOfOne: targets.count == 1 && targets[0].ports.count == 1, name: endpoints,
      deadline: deadline, isJSON: options.measuring.json, reporter: reporter
    ).run()
  }

  private func dialer(
    to endpoint: Endpoint, _ settings: SocketSettings, until deadline: Deadline, _ reporter: Reporter
  ) throws -> Dialer {
    var dialer = try dialing.dialer(
      to: endpoint, options.addressing, on: options.socket.interface, until: deadline, reporter)
    dialer.connector.settings = settings
    return dialer
  }
}
