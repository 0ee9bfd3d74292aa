// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets
import SystemPackage
import Text
import Transport

/// What `listen` does for many clients, or for one who is answered or written to a file: from the first of them to the
/// exit status.
struct HubSession {
  let settings: HubSettings
  let socketSettings: SocketSettings
  let filters: FilterOptions
  let measuring: MeasuringOptions
  let limits: ConnectionLimits
  let reporter: Reporter

  /// The signals that ask it to end.
  var endingSignals: [CInt] {
    settings.isForOne ? ConnectionOptions.endingSignals : [SIGINT, SIGTERM, SIGHUP]
  }

  /// Serves until it is over.
  ///
  /// - Throws: What it ended with, unless all is well; a signal ends a session for one client, and its process.
  func run(_ listeners: ListenerGroup, _ policy: AccessPolicy, until signals: consuming SignalQueue)
    throws(Failure)
  {
    let local = listeners.local
    if !settings.isForOne { reporter.mayLose() }
    DescriptorLimit.raise()
    let outcome: HubOutcome
    do throws(SystemError) {
      let filters = try filters.open(reporter)
      let hub = try Hub(settings, filters, policy, on: listeners) { report($0) }
      outcome = try hub.run(until: signals)
      try filters.recording?.close()
    } catch {
      listeners.close()
      if error == SystemError(.write("standard output"), .brokenPipe) { ProcessSignals.die(by: SIGPIPE) }
      throw Failure(error)
    }
    if !settings.isForOne { signals.ignore() }
    try judge(outcome, on: local)
  }

  private func judge(_ outcome: HubOutcome, on local: Address) throws(Failure) {
    switch outcome {
    case .finished: return
    case .failed(let error): throw Failure(error)
    case .idle(let peer):
      let limit = limits.idle.map(DurationFormat.describe) ?? ""
      throw Failure(.timedOut, "connection with \(peer): timed out after \(limit) without a byte either way")
    case .late:
      throw Failure(.timedOut, "listen on \(local): not finished within the time allowed (--timeout)")
    case .nobody: throw Failure(.timedOut, "accept on \(local): timed out, nobody connected")
    case .interrupted(let signal): ProcessSignals.die(by: signal)
    case .unwritten(let count):
      throw Failure(
        .broken, "write standard output: nobody read the last \(count) bytes within the time to finish")
    }
  }

  private func report(_ event: HubEvent) {
    switch event {
    case .began(let socket, let family):
      for option in socketSettings.effective(on: socket, family: family) { reporter.report(.option(option)) }
    case .ended(let ending):
      if let problem = ending.problem {
        report(problem, of: ending)
      } else if isChat {
        reporter.report(.left(ending.peer, reason: nil))
      }
      if measuring.stats { write(ending) }
      reporter.report(
        .closed(
          peer: ending.peer, sent: ending.report.sent.passed, received: ending.report.received.passed,
          duration: ending.report.duration))
    }
  }

  private func report(_ problem: HubEnding.Problem, of ending: HubEnding) {
    let rest = ending.report.sent.pending
    let reason: String
    switch problem {
    // The only client's is what the command ends with.
    case .broken(let error), .replyUnreadable(let error):
      if !settings.isForOne { reporter.report(.clientFailed(error, peer: ending.peer)) }
      return
    case .stalled(let time):
      reason = "it read nothing for \(DurationFormat.describe(time)) while others waited"
    case .idle: reason = "it was idle"
    case .graceExpired: reason = "the time to finish was over"
    case .evicted: reason = "it had finished sending, and others wanted its place"
    }
    if isChat, rest == 0 {
      reporter.report(.left(ending.peer, reason: reason))
    } else if rest > 0 || !settings.isForOne {
      reporter.report(.reset(ending.peer, unsent: rest, reason: reason))
    }
  }

  private var isChat: Bool {
    if case .others(asChat: true) = settings.destination { true } else { false }
  }

  private func write(_ ending: HubEnding) {
    let statistics = TransferStatistics(ending.report, tcp: ending.tcp, remote: ending.peer)
    if measuring.json {
      reporter.write(record: statistics)
    } else {
      for line in statistics.lines { reporter.note("\(ending.peer): \(line)") }
    }
  }
}
