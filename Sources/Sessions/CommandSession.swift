// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Transport

/// A connection between a command and a peer, from the start of the command to its exit status.
struct CommandSession {
  /// The command and its time limits.
  var settings: CommandSettings
  /// The session of the connection.
  var session: StreamSession
  /// The filters, if they are open already.
  var filters: TrafficFilters?
  /// Whether other connections are served too, so that the command's status does not become the program's.
  var isOneOfMany = false

  /// Creates a session with a command, which is ended when the session's time is over.
  init(_ command: Command, _ session: StreamSession) {
    settings = CommandSettings(command)
    settings.grace = session.invocation.grace ?? settings.grace
    settings.naming = session.invocation.commandVariables
    settings.spawner = session.invocation.spawner
    self.session = session
    // A command that writes nothing may still be working.
    self.session.invocation.policy.inputWait = nil
  }

  /// Whether the connection is made of datagrams.
  private var isOfDatagrams: Bool { session.invocation.settings.kind == .datagram }

  /// Whether the bytes have to be relayed. Otherwise the command uses the connection directly, which is faster. Programs
  /// expect a stream that takes writes of any length and has a half-close, and one that reads a message in pieces would
  /// lose the rest of it.
  var isRelayed: Bool {
    let invocation = session.invocation
    return isOfDatagrams || invocation.settings.streamProtocol == .sctp || session.limits.idle != nil
      || invocation.reportsStatistics || invocation.showsProgress
      || invocation.policy != RelayPolicy() || invocation.filters.areAny || invocation.layers.areAny
  }

  /// Runs the command until it and the connection have ended.
  ///
  /// - Returns: The status of the command, or the signal that ends the program.
  /// - Throws: A failure if there is no such status: the command could not be started, its time was over, or the
  ///   connection broke although the command exited with status 0.
  func run(
    _ socket: consuming StreamSocket, until signals: consuming SignalQueue
  ) throws(Failure) -> SessionOutcome {
    guard !isRelayed, socket.transport.hasHalfClose else {
      return try relay(session.invocation.layers.makeTransport(socket, nil), until: signals)
    }
    ProcessSignals.keepChildren()
    let remote = socket.remote
    let command: CommandOutcome
    do throws(IOFailure) {
      session.reportOptions(of: socket.descriptor)
      if session.mayStaySilent(hasInput: false) {
        try socket.completeDeferredHandshake(until: session.limits.deadline)
      }
      command = try give(socket, until: signals)
    } catch {
      throw Failure(error)
    }
    return try outcome(command, .finished, with: remote)
  }

  /// Runs the command until it and the connection have ended, and relays between them.
  ///
  /// - Parameter end: The end of the time for the handshake.
  /// - Returns: The same as `run`.
  func relay(
    _ transport: any ByteStream, handshakeBefore end: Deadline = .never, until signals: consuming SignalQueue
  ) throws(Failure) -> SessionOutcome {
    ProcessSignals.keepChildren()
    let (command, connection): (CommandOutcome, RelayRules.Outcome)
    do throws(IOFailure) {
      // Opened before the command is started, which cannot be undone.
      let filters =
        if let filters { filters } else { try session.invocation.filters.open(session.observer) }
      guard
        let peer = try session.open(
          transport, hasInput: false, until: end, or: signals.descriptor, showing: filters.recording)
      else {
        return .killed(by: signals.next() ?? 0)
      }
      (command, connection) = try relay(peer, through: filters, until: signals)
    } catch {
      throw Failure(error)
    }
    return try outcome(command, connection, with: transport.remote)
  }

  private func outcome(
    _ command: CommandOutcome, _ connection: RelayRules.Outcome, with remote: Address
  ) throws(Failure) -> SessionOutcome {
    switch connection {
    case .failed(let error) where !error.isOfConnection: throw Failure(error)
    // The datagrams of a peer have no other end than its silence.
    case .idle where isOneOfMany && isOfDatagrams: break
    case .idle, .late: _ = try session.outcome(of: connection, peer: remote)
    case .failed, .finished, .interrupted: break
    }
    switch command {
    case .ended(let ending): return .commandExited(ending.shellStatus)
    case .interrupted(let signal): return .killed(by: signal)
    case .late: return try session.outcome(of: .late, peer: remote) ?? .success
    }
  }

  /// Passes the connection to the command.
  private func give(
    _ socket: consuming StreamSocket, until signals: borrowing SignalQueue
  ) throws(IOFailure) -> CommandOutcome {
    let command = try settings.start(on: socket)
    let connection = CommandConnection(socket, command, until: session.limits.deadline)
    let outcome = try CommandWaiter(connection).run(until: signals)
    try report(
      connection.command, outcome, for: connection.remote, since: connection.began, connection.failure)
    return outcome
  }

  /// Relays between the connection and the command.
  ///
  /// - Returns: The outcome of the command, and that of the connection.
  private func relay(
    _ peer: any ByteStream, through filters: TrafficFilters, until signals: borrowing SignalQueue
  ) throws(IOFailure) -> (CommandOutcome, RelayRules.Outcome) {
    let (remote, began) = (peer.remote, Deadline.now)
    let directions = session.invocation.policy.directions
    let pipe = try CommandStream(
      settings, for: CommandEnvironment(of: peer, isDatagram: isOfDatagrams, naming: settings.naming),
      isHeard: directions != .receiveOnly)
    // Without end-of-stream, the command would wait without end for bytes that are not passed on to it.
    if directions == .sendOnly { pipe.finish() }
    let outcome = try relay(peer, pipe, through: filters, until: signals)
    var wait = CommandWaiter(pipe.command)
    // The command must not mistake a broken connection for one that has ended, so it gets SIGHUP before end-of-stream.
    var failure: IOFailure?
    switch outcome {
    case .finished: break
    case .interrupted(let signal): wait.pass(signal)
    // Not an error of the connection: a signal has ended the command, which its status reports.
    case .failed where pipe.output.isCutShort: break
    case .failed(let error):
      failure = error
      pipe.command.hangUp()
    case .idle, .late: pipe.command.hangUp()
    }
    pipe.close()
    let end = try wait.run(until: signals, limit: outcome == .late ? .never : session.limits.deadline)
    let isOfConnection = failure?.isOfConnection != false
    try report(pipe.command, end, for: remote, since: began, isOfConnection ? failure : nil)
    if case .failed = outcome, failure == nil { return (end, .finished) }
    return (end, outcome)
  }

  /// Relays until the connection has ended, and closes it.
  private func relay(
    _ peer: any ByteStream, _ pipe: CommandStream, through filters: TrafficFilters,
    until signals: borrowing SignalQueue
  ) throws(IOFailure) -> RelayRules.Outcome {
    let ends = LocalEnds(pipe)
    let progress = session.progress(of: ends)
    let report = try session.relay(
      between: ends, and: peer, through: filters, showing: progress, beside: pipe, until: signals)
    if pipe.output.isCutShort {
      try deliver(to: peer, until: signals)
    } else if session.invocation.policy.directions == .receiveOnly,
      pipe.command.ending.map({ _ in !pipe.command.endedInOrder }) == true
    {
      // The command's output is not relayed, so the relay has not detected that a signal ended the command.
      peer.abortOnClose()
    }
    session.report(report, with: peer, progress)
    try filters.recording?.close()
    return report.outcome
  }

  /// Waits for the delivery of output that was written before a signal ended the command: the reset that follows
  /// discards queued bytes.
  private func deliver(to peer: any ByteStream, until signals: borrowing SignalQueue) throws(IOFailure) {
    let closing = LingeringClose(.abort, of: peer, within: CommandConnection.closingTime, at: .now)
    let resources = CopyResources(pipes: 0)
    while case .await? = try? closing.proceed(with: resources, at: .now), !session.limits.deadline.hasPassed {
      let next = min(closing.deadline, session.limits.deadline)
      guard try signals.descriptor.wait(for: .readable, until: next).isEmpty else { return }
    }
  }

  /// Reports the end of a command, and the error of its connection, if any.
  ///
  /// - Throws: The error of the connection, if the command exited with status 0 and the program would too.
  private func report(
    _ command: RunningCommand, _ outcome: CommandOutcome, for peer: Address, since began: Deadline,
    _ failure: IOFailure?
  ) throws(IOFailure) {
    guard let ending = command.ending else { return }
    let isOurs = outcome == .ended(.exited(0)) && !isOneOfMany
    session.observer.report(
      connection: .commandEnded(
        for: peer, ending, duration: began.duration(until: .now), error: isOurs ? nil : failure))
    if isOurs, let failure { throw failure }
  }
}
