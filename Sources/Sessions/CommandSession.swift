// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Transport

/// A connection between a command and a peer, from the start of the command to its exit status.
struct CommandSession {
  var settings: CommandSettings
  var session: StreamSession
  /// The filters, if they are open already.
  var filters: TrafficFilters?
  /// Whether other connections are served too, so that the status of this one is nobody's.
  var isOneOfMany = false

  /// Creates a session with a command, which is ended when the time of the session is over.
  init(_ command: Command, _ session: StreamSession) {
    settings = CommandSettings(command)
    settings.grace = session.invocation.grace ?? settings.grace
    self.session = session
    // A command that writes nothing is at work.
    self.session.invocation.policy.inputWait = nil
  }

  /// Whether the bytes have to be relayed. Otherwise the command has the connection itself, which is as fast as can be.
  var isRelayed: Bool {
    let invocation = session.invocation
    return session.limits.idle != nil || invocation.reportsStatistics || invocation.showsProgress
      || invocation.policy != RelayPolicy() || invocation.filters.areAny
  }

  /// Runs the command until it and the connection have ended.
  ///
  /// - Returns: The status of the command, or the signal that is to end the program.
  /// - Throws: Why there is no such status: the command could not be started, its time was over, or the connection broke
  ///   though the command found nothing wrong.
  func run(
    _ socket: consuming StreamSocket, until signals: consuming SignalQueue
  ) throws(Failure) -> SessionOutcome {
    ProcessSignals.keepChildren()
    let remote = socket.remote
    session.reportOptions(of: socket)
    let (command, connection): (CommandOutcome, RelayRules.Outcome)
    do throws(SystemError) {
      try session.completeHandshake(of: socket, hasInput: false)
      (command, connection) =
        try isRelayed ? relay(socket, until: signals) : (give(socket, until: signals), .finished)
    } catch {
      throw Failure(error)
    }
    switch connection {
    case .failed(let error) where !error.isOfConnection: throw Failure(error)
    case .idle, .late: _ = try session.outcome(of: connection, peer: remote)
    case .failed, .finished, .interrupted: break
    }
    switch command {
    case .ended(let ending): return .commandExited(ending.shellStatus)
    case .interrupted(let signal): return .killed(by: signal)
    case .late: return try session.outcome(of: .late, peer: remote) ?? .success
    }
  }

  /// Gives the connection to the command.
  private func give(
    _ socket: consuming StreamSocket, until signals: borrowing SignalQueue
  ) throws(SystemError) -> CommandOutcome {
    let command = try settings.start(on: socket)
    let connection = CommandConnection(socket, command, until: session.limits.deadline)
    let outcome = try CommandWaiter(connection).run(until: signals)
    try report(
      connection.command, outcome, for: connection.remote, since: connection.began, connection.failure)
    return outcome
  }

  /// Relays between the connection and the command.
  ///
  /// - Returns: How the command has ended, and how the connection has.
  private func relay(
    _ socket: consuming StreamSocket, until signals: borrowing SignalQueue
  ) throws(SystemError) -> (CommandOutcome, RelayRules.Outcome) {
    let (remote, began) = (socket.remote, Deadline.now)
    // Opened before the command is started, which cannot be undone.
    let filters = if let filters { filters } else { try session.invocation.filters.open(session.observer) }
    let directions = session.invocation.policy.directions
    let pipe = try CommandStream(settings, for: socket, isHeard: directions != .receiveOnly)
    // The command would wait for ever for bytes that are not passed on to it.
    if directions == .sendOnly { pipe.finish() }
    let outcome = try relay(socket, pipe, through: filters, until: signals)
    var wait = CommandWaiter(pipe.command)
    // The command is not to take a connection that broke for one that has ended, so it hears of that before the end.
    var failure: SystemError?
    switch outcome {
    case .finished: break
    case .interrupted(let signal): wait.pass(signal)
    // The end of the command says so.
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
    _ socket: consuming StreamSocket, _ pipe: CommandStream, through filters: TrafficFilters,
    until signals: borrowing SignalQueue
  ) throws(SystemError) -> RelayRules.Outcome {
    let peer = SocketStream(socket)
    let ends = LocalEnds(pipe)
    let progress = session.progress(of: ends)
    let report = try session.relay(
      between: ends, and: peer, through: filters, showing: progress, beside: pipe, until: signals)
    if pipe.output.isCutShort {
      try deliver(to: peer, until: signals)
    } else if session.invocation.policy.directions == .receiveOnly,
      pipe.command.ending.map({ _ in !pipe.command.endedInOrder }) == true
    {
      // Nothing that the command wrote is sent, so that its end was not read.
      try peer.resetOnClose()
    }
    session.report(report, with: peer, progress)
    try filters.recording?.close()
    return report.outcome
  }

  /// Waits until what a command wrote before a signal ended it has arrived: the reset that follows drops what is queued.
  private func deliver(to peer: SocketStream, until signals: borrowing SignalQueue) throws(SystemError) {
    var linger = LingeringClose(at: .now, isHalfClosed: false)
    while true {
      linger.didCheck(unconfirmed: try peer.unacknowledgedBytes(), at: .now)
      guard !linger.isOver(at: .now) else { return }
      let next = min(linger.deadline, session.limits.deadline)
      guard try signals.number.wait(for: .readable, until: next).isEmpty else { return }
      if session.limits.deadline.hasPassed { return }
    }
  }

  /// Reports how a command has ended, and how its connection broke.
  ///
  /// - Throws: How the connection broke, if the status of the command says that all is well.
  private func report(
    _ command: RunningCommand, _ outcome: CommandOutcome, for peer: Address, since began: Deadline,
    _ failure: SystemError?
  ) throws(SystemError) {
    guard let ending = command.ending else { return }
    let isOurs = outcome == .ended(.exited(0)) && !isOneOfMany
    session.observer.report(
      connection: .commandEnded(
        for: peer, ending, duration: began.duration(until: .now), error: isOurs ? nil : failure))
    if isOurs, let failure { throw failure }
  }
}

extension SystemError {
  /// Whether it concerns the connection, whose failures the command's status covers, and not a local file.
  fileprivate var isOfConnection: Bool {
    switch operation {
    case .receive, .send: true
    default: false
    }
  }
}
