// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets
import SystemPackage
import Text
import Transport

/// A connection between the standard streams and a peer, from its opening to the exit status: what `connect`
/// and `listen` have in common.
struct StreamSession {
  var policy: RelayPolicy
  var limits: ConnectionLimits
  let settings: SocketSettings
  let filters: FilterOptions
  let measuring: MeasuringOptions
  let interaction: Interaction
  let reporter: Reporter
  /// Whether there are others at the same time, from which what is told of this one has to be told apart.
  var isOneOfMany = false

  /// Relays until it is over.
  ///
  /// - Throws: What it ended with, unless all is well; a signal ends the process.
  func run(_ socket: consuming StreamSocket, until signals: consuming SignalQueue) throws(Failure) {
    reportOptions(of: socket)
    let peerAddress = socket.remote
    let input = StandardStream(.input)
    let output = StandardStream(.output)
    do {
      let filters = try filters.open(reporter)
      try completeHandshake(of: socket, hasInput: input.hasBytes)
      let peer = SocketStream(socket)
      let ends = try LocalEnds(
        interaction, input: input, output: output, readsInput: policy.directions != .receiveOnly,
        reporter: reporter)
      let display = display(of: ends)
      let report = try interact(ends, peer, filters, display, until: signals)
      input.putBack(report.sent.pending)
      tell(of: report, with: peer, display)
      try judge(report.outcome, peer: peerAddress)
      if output.medium != .terminal { try output.close() }
      try filters.recording?.close()
    } catch let error as SystemError {
      throw Failure(error)
    } catch let error as Failure {
      throw error
    } catch {
      fatalError("nothing here throws \(error)")
    }
  }

  /// Relays while the terminal, if there is one, is as the ends need it.
  private func interact(
    _ ends: LocalEnds, _ peer: SocketStream, _ filters: TrafficFilters, _ display: ProgressDisplay?,
    until signals: consuming SignalQueue
  ) throws(SystemError) -> Relay.Report {
    if let more = ends.signals {
      // One after the other, as what a queue does not collect any more acts at once.
      _ = consume signals
      signals = try SignalQueue(more)
    }
    ends.prepare()
    do {
      let report = try relay(between: ends, and: peer, through: filters, showing: display, until: signals)
      ends.restore()
      // From here on signals act at once again: a close that lingers can be ended.
      _ = consume signals
      return report
    } catch {
      ends.restore()
      _ = consume signals
      throw error
    }
  }

  /// What shows how far it has come, if that is wanted.
  func display(of ends: LocalEnds) -> ProgressDisplay? {
    guard measuring.progress else { return nil }
    return ProgressDisplay(reporter, inputSize: policy.directions == .receiveOnly ? nil : ends.inputSize)
  }

  /// Sees to it that a connection whose opening waits for the first bytes to send does not wait for ever.
  func completeHandshake(of socket: borrowing StreamSocket, hasInput: Bool) throws(SystemError) {
    guard settings.isFastOpen, policy.directions == .receiveOnly || !hasInput else { return }
    try socket.completeDeferredHandshake(until: limits.deadline)
  }

  /// Relays until it is over, or a signal comes.
  func relay(
    between ends: LocalEnds, and peer: SocketStream, through filters: TrafficFilters,
    showing display: ProgressDisplay?, beside bystander: (any CompletionSource)? = nil,
    until signals: borrowing SignalQueue
  ) throws(SystemError) -> Relay.Report {
    var policy = policy
    policy.isInputTerminal = ends.isInputTerminal
    policy.isOutputTerminal = ends.isOutputTerminal
    let relay = try Relay(
      input: ends.input, output: ends.output, peer: peer, policy: policy, limits: limits, filters: filters,
      monitor: ProgressObserverPair(ends.monitor, display))
    relay.bystander = bystander
    return try relay.run(until: signals)
  }

  /// Tells how much was moved, as far as anybody wants to know.
  func tell(of report: Relay.Report, with peer: SocketStream, _ display: ProgressDisplay?) {
    display?.finish(report)
    if measuring.stats { write(report, peer) }
    reporter.report(
      .closed(
        peer: peer.remote, sent: report.sent.passed, received: report.received.passed,
        duration: report.duration))
    if interaction.isChat, report.outcome == .finished, report.received.hasEnded {
      reporter.report(.left(peer.remote, reason: nil))
    }
  }

  /// Tells of the socket options that were asked for, with the values that the kernel set.
  func reportOptions(of socket: borrowing StreamSocket) {
    for option in settings.effective(on: socket.number, family: socket.family) {
      reporter.report(.option(option))
    }
  }

  private func write(_ report: Relay.Report, _ peer: SocketStream) {
    let statistics = TransferStatistics(
      report, tcp: TCPInformation(of: peer.number), remote: isOneOfMany ? peer.remote : nil)
    if measuring.json {
      reporter.write(record: statistics)
    } else {
      let label = isOneOfMany ? "\(peer.remote): " : ""
      for line in statistics.lines { reporter.note(label + line) }
    }
  }

  /// Throws what a relay ended with, unless all is well; a signal ends the process.
  func judge(_ outcome: RelayRules.Outcome, peer: Address) throws(Failure) {
    switch outcome {
    case .finished: return
    case .interrupted(let signal): ProcessSignals.die(by: signal)
    case .failed(SystemError(.write("standard output"), .brokenPipe)): ProcessSignals.die(by: SIGPIPE)
    case .failed(let error): throw Failure(error)
    case .idle:
      let limit = limits.idle.map(DurationFormat.describe) ?? ""
      throw Failure(.timedOut, "connection with \(peer): timed out after \(limit) without a byte either way")
    case .late:
      throw Failure(.timedOut, "connection with \(peer): not finished within the time allowed (--timeout)")
    }
  }
}
