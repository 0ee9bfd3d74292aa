// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SockkitCore
import SystemPackage

/// A connection between the standard streams and a peer, from its opening to the exit status: what `connect`
/// and `listen` have in common.
struct StreamSession {
  let policy: RelayPolicy
  let limits: ConnectionLimits
  let settings: SocketSettings
  let filters: FilterOptions
  let measuring: MeasuringOptions
  let interaction: Interaction
  let reporter: Reporter

  /// Relays until it is over.
  ///
  /// - Throws: What it ended with, unless all is well; a signal ends the process.
  func run(_ socket: consuming StreamSocket, until signals: consuming SignalQueue) throws(Failure) {
    let peerAddress = socket.remote
    reportOptions(of: socket)
    let input = StandardStream(.input)
    let output = StandardStream(.output)
    do {
      let filters = try filters.open(reporter)
      if settings.isFastOpen, policy.directions == .receiveOnly || !input.hasBytes {
        try socket.completeDeferredHandshake(until: limits.deadline)
      }
      let peer = SocketEnd(socket)
      let ends = try LocalEnds(
        interaction, input: input, output: output, readsInput: policy.directions != .receiveOnly,
        reporter: reporter)
      let display =
        measuring.progress
        ? ProgressDisplay(reporter, inputSize: policy.directions == .receiveOnly ? nil : input.remainingBytes)
        : nil
      let report = try relay(
        between: ends, and: peer, policy: complete(policy, input: input, output: output), filters: filters,
        monitor: display, until: signals)
      input.putBack(report.sent.pending)
      display?.finish(report)
      if measuring.stats { write(TransferStatistics(report, tcp: TCPInformation(of: peer.number))) }
      reporter.report(
        .closed(
          peer: peerAddress, sent: report.sent.passed, received: report.received.passed,
          duration: report.duration))
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
  private func relay(
    between ends: LocalEnds, and peer: SocketEnd, policy: RelayPolicy, filters: TrafficFilters,
    monitor: ProgressDisplay?, until signals: consuming SignalQueue
  ) throws(SystemError) -> Relay.Report {
    var relay = try Relay(
      input: ends.input, output: ends.output, peer: peer, policy: policy, limits: limits, filters: filters,
      monitor: monitor)
    if let more = ends.signals {
      // One after the other, as what a queue does not collect any more acts at once.
      _ = consume signals
      signals = try SignalQueue(more)
    }
    ends.prepare()
    do {
      let report = try relay.run(until: signals)
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

  private func complete(_ policy: RelayPolicy, input: StandardStream, output: StandardStream) -> RelayPolicy {
    var policy = policy
    policy.isInputTerminal = input.medium == .terminal
    policy.isOutputTerminal = output.medium == .terminal
    return policy
  }

  private func reportOptions(of socket: borrowing StreamSocket) {
    for option in settings.effective(on: socket.number, family: socket.family) {
      reporter.report(.option(option))
    }
  }

  private func write(_ statistics: TransferStatistics) {
    if measuring.json {
      reporter.write(record: statistics)
    } else {
      statistics.lines.forEach(reporter.note)
    }
  }

  private func judge(_ outcome: RelayRules.Outcome, peer: Address) throws(Failure) {
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
