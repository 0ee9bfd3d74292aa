// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets
import Transport

/// A connection between a command and a peer, from the command's start to the exit status.
struct CommandSession {
  let terms: CommandSettings
  var session: StreamSession
  /// What the bytes pass through, if that is open already.
  var filters: TrafficFilters?
  /// Whether others are served too, so that nobody asks for the status of this one.
  var isOneOfMany = false

  /// A session with a command that is ended when the time of the session is over.
  ///
  /// - Parameter grace: How long the command may take to end when it is asked to, if that is not as usual.
  init(_ invocation: Invocation, grace: Duration?, _ session: StreamSession) {
    var terms = CommandSettings(invocation)
    terms.grace = grace ?? terms.grace
    self.terms = terms
    self.session = session
    // A command that writes nothing is at work.
    self.session.policy.inputWait = nil
  }

  /// Whether the bytes have to pass through here; the command has the connection itself otherwise, and nothing could be
  /// faster.
  var isRelayed: Bool {
    session.limits.idle != nil || session.measuring.stats || session.measuring.progress
      || session.policy != RelayPolicy() || session.filters.isAny
  }

  /// Runs the command until it is over with it and the connection, and ends with the command's status.
  ///
  /// - Throws: Why there is no such status: the command could not be started, its time was over, or the connection broke
  ///   though the command found nothing wrong.
  func run(_ socket: consuming StreamSocket, until signals: consuming SignalQueue) throws(Failure) {
    let status = try status(of: socket, until: signals)
    if status != 0 { exit(status) }
  }

  /// Runs the command until it is over with it and the connection.
  ///
  /// - Returns: The status to end with; of a command that a signal has ended, as a shell shows it.
  func status(
    of socket: consuming StreamSocket, until signals: consuming SignalQueue
  ) throws(Failure) -> CInt {
    ProcessSignals.keepChildren()
    let remote = socket.remote
    session.reportOptions(of: socket)
    do {
      try session.completeHandshake(of: socket, hasInput: false)
      switch try isRelayed ? relay(socket, until: signals) : hand(over: socket, until: signals) {
      case .ended(let ending): return ending.shellStatus
      case .interrupted(let signal): ProcessSignals.die(by: signal)
      case .late: try session.judge(.late, peer: remote)
      }
      return 0
    } catch let error as SystemError {
      throw Failure(error)
    } catch let error as Failure {
      throw error
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  /// Gives the connection to the command.
  private func hand(
    over socket: consuming StreamSocket, until signals: borrowing SignalQueue
  ) throws(SystemError) -> CommandOutcome {
    let command = try terms.start(on: socket)
    let connection = CommandConnection(socket, command, until: session.limits.deadline)
    let outcome = try CommandWaiter(connection).run(until: signals)
    try tell(
      of: connection.command, outcome, for: connection.remote, since: connection.began, connection.failure)
    return outcome
  }

  /// Carries the bytes between the connection and the command.
  private func relay(
    _ socket: consuming StreamSocket, until signals: borrowing SignalQueue
  ) throws -> CommandOutcome {
    let (remote, began) = (socket.remote, Deadline.now)
    // Before the command is started: one that has begun cannot be taken back.
    let filters = if let filters { filters } else { try session.filters.open(session.reporter) }
    let pipe = try CommandStream(terms, for: socket, isHeard: session.policy.directions != .receiveOnly)
    // It would wait for ever for what is not passed on to it.
    if session.policy.directions == .sendOnly { pipe.finish() }
    let outcome = try relay(socket, pipe, through: filters, until: signals)
    var wait = CommandWaiter(pipe.command)
    // The command is not to take what was broken off for what has ended, so that it hears of it before the end.
    var failure: SystemError?
    switch outcome {
    case .finished: break
    case .interrupted(let signal): wait.pass(signal)
    // Its own end says so.
    case .failed where pipe.output.isCutShort: break
    case .failed(let error):
      failure = error
      pipe.command.hangUp()
    case .idle, .late: pipe.command.hangUp()
    }
    pipe.close()
    let ending = try wait.run(until: signals, limit: outcome == .late ? .never : session.limits.deadline)
    let isLocal = failure?.isLocal == true
    try tell(of: pipe.command, ending, for: remote, since: began, isLocal ? nil : failure)
    if isLocal || outcome == .idle || outcome == .late { try session.judge(outcome, peer: remote) }
    return ending
  }

  /// The same until the connection is over, which is closed then.
  private func relay(
    _ socket: consuming StreamSocket, _ pipe: CommandStream, through filters: TrafficFilters,
    until signals: borrowing SignalQueue
  ) throws(SystemError) -> RelayRules.Outcome {
    let peer = SocketStream(socket)
    let ends = LocalEnds(pipe)
    let display = session.display(of: ends)
    let report = try session.relay(
      between: ends, and: peer, through: filters, showing: display, beside: pipe, until: signals)
    if pipe.output.isCutShort {
      try deliver(to: peer, until: signals)
    } else if session.policy.directions == .receiveOnly,
      pipe.command.ending.map({ _ in !pipe.command.endedInOrder }) == true
    {
      // Nothing that the command wrote is sent, so that its end was not read.
      try peer.resetOnClose()
    }
    session.tell(of: report, with: peer, display)
    try filters.recording?.close()
    return report.outcome
  }

  /// Lets what a command wrote before a signal ended it arrive: the reset that follows drops what is queued.
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

  /// Tells how a command ended, and its connection if that broke.
  ///
  /// - Throws: How the connection broke, where the command's status says that all is well.
  private func tell(
    of command: RunningCommand, _ outcome: CommandOutcome, for peer: Address, since began: Deadline,
    _ failure: SystemError?
  ) throws(SystemError) {
    guard let ending = command.ending else { return }
    let isOurs = outcome == .ended(.exited(0)) && !isOneOfMany
    session.reporter.report(
      connection: .commandEnded(
        for: peer, ending, duration: began.duration(until: .now), error: isOurs ? nil : failure))
    if isOurs, let failure { throw failure }
  }
}

extension SystemError {
  /// Whether it is none of the connection, of which the command's status tells: a record that cannot be written.
  fileprivate var isLocal: Bool {
    switch operation {
    case .receive, .send: false
    default: true
    }
  }
}
