// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import Sockets

/// Accepts one connection, or any number, and relays standard input and output over it, or gives it to a command.
struct Listen: ParsableCommand {
  static let configuration = CommandConfiguration(
    // Named, because ArgumentParser takes its time to derive a name from the type's.
    commandName: "listen",
    abstract:
      "Accept one connection, or any number, and relay standard input and output over it, or run a command.",
    usage: "sockkit listen [<options>] PORT | HOST PORT | HOST:PORT | :PORT | unix:PATH [-- COMMAND ARG...]",
    discussion: """
      Examples:
        sockkit listen 5000 | tar x
        sockkit listen --port-file port 127.0.0.1:0 < answer
        sockkit listen -w 30s -U /run/app.sock > received
        tail -f log | sockkit listen --keep-open 5000
        sockkit listen --keep-open --recv-only --label 5000 >> collected
        sockkit listen --keep-open --output-dir uploads 5000
        sockkit listen --keep-open --reply-file answer 5000
        sockkit listen --broker --chat 5000
        sockkit listen --chat 5000
        sockkit listen --rate 1M --record-received upload 5000 < reply
        sockkit listen -k 5000 --sh-exec 'read name; echo "hello, $name"'
      """)

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Commands") var commands: CommandOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Clients") var hub: HubOptions
  @OptionGroup(title: "Admission") var admitting: AdmissionOptions
  @OptionGroup var options: ConnectionOptions
  @OptionGroup(title: "Timing") var arrival: ArrivalOptions

  /// Refuses options that would do nothing.
  func validate() throws {
    try options.measuring.validateJSON()
    if hub.maximumConnections != nil, !hub.isForMany {
      throw ValidationError("-m counts the clients of --keep-open, and there is only one without it")
    }
    if admitting.grace != nil, !hub.isForMany, commands.invocation == nil {
      throw ValidationError("--grace is about the clients of --keep-open, or a command, and there is neither")
    }
    guard commands.invocation != nil else { return }
    try commands.refuse(hub.flags + options.interaction.flags + options.streams.inputFlags)
    guard hub.keepsOpen else { return }
    if arrival.connectTimeout != nil {
      throw ValidationError(
        "-w has no effect with -k and a command: clients are waited for until it is stopped")
    }
    try options.filters.validateForManyClients()
  }

  /// Listens, accepts one connection and relays; what goes wrong is thrown as a `Failure`.
  func run() throws {
    let endpoint = try options.addressing.localEndpoint(address)
    var settings = try options.settings(for: endpoint)
    settings.isPortReused = listening.reusePort
    try listening.check(endpoint)
    let clients =
      commands.invocation == nil ? try hub.settings(options, admitting, arrival) : nil
    let session = try options.session(of: "listen", settings: settings)

    var binder = Binder(on: endpoint)
    binder.resolver = options.addressing.resolver.on(interface: options.socket.interface)
    // What runs commands is for others only where an address is given.
    binder.isOnLoopback = commands.invocation != nil
    binder.skipped = { session.reporter.report(.attemptFailed($0)) }
    binder.settings = settings
    let deadline = min(session.limits.deadline, arrival.deadline)
    binder.deadline = deadline
    binder.backlog = admitting.backlog ?? binder.backlog
    let access = try admitting.lists.control()
    try commands.invocation?.check()
    let listeners = try binder.listen()
    if hub.keepsOpen, let invocation = commands.invocation {
      return try CommandServer(
        invocation: invocation, options: options, admitting: admitting,
        maximumConnections: hub.maximumConnections, settings: settings, reporter: session.reporter
      ).run(listeners, access) { try announce(listeners, settings, session.reporter) }
    }
    let policy = AccessPolicy(access) { session.reporter.report(connection: $0) }
    if let clients { return try serve(clients, on: listeners, policy, access, settings, session) }
    // Not before: a look-up can only be interrupted by a signal that still has its default action.
    let signals = try SignalQueue(ConnectionOptions.endingSignals, for: access)
    try announce(listeners, settings, session.reporter)
    let socket = try acceptOne(on: listeners, policy, until: deadline, or: signals)
    // It asks for lists to be read again, of which none is needed any more, and for nothing else.
    if access.isReread { signals.ignore(SIGHUP) }
    guard let invocation = commands.invocation else { return try session.run(socket, until: signals) }
    try CommandSession(invocation, grace: admitting.grace, session).run(socket, until: signals)
  }

  private func serve(
    _ clients: HubSettings, on listeners: ListenerGroup, _ policy: AccessPolicy, _ access: AccessControl,
    _ settings: SocketSettings, _ session: StreamSession
  ) throws {
    let hub = HubSession(
      settings: clients, socketSettings: settings, filters: options.filters, measuring: options.measuring,
      limits: session.limits,
      reporter: session.reporter)
    let signals = try SignalQueue(hub.endingSignals, for: access)
    try announce(listeners, settings, session.reporter)
    try hub.run(listeners, policy, until: signals)
  }

  private func announce(
    _ listeners: ListenerGroup, _ settings: SocketSettings, _ reporter: Reporter
  ) throws(Failure) {
    try listening.announce(listeners.locals, .stream, reporter)
    if settings.isFastOpen {
      reporter.report(.option(EffectiveOption("fast-open", .number(listeners.fastOpenQueue))))
    }
  }

  /// Waits for the one connection.
  private func acceptOne(
    on listeners: ListenerGroup, _ policy: AccessPolicy, until deadline: Deadline,
    or signals: borrowing SignalQueue
  ) throws -> StreamSocket {
    switch try listeners.acceptOne(policy, until: deadline, or: signals) {
    case .accepted(let socket): return socket
    case .late: throw Failure(.timedOut, "accept on \(listeners.local): timed out, nobody connected")
    case .interrupted(let signal): ProcessSignals.die(by: signal)
    }
  }
}
