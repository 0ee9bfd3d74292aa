// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sockets
import Text
import Transport

/// A listening socket with many clients, or with one that gets a reply or whose bytes are written to a file.
struct HubSession {
  /// The settings of the hub.
  let settings: HubSettings
  /// What is done with each connection.
  let stream: StreamInvocation
  /// Receives events and statistics.
  let observer: any SessionObserver

  /// The signals that end the session.
  var endingSignals: [CInt] {
    settings.isForOne ? StreamInvocation.endingSignals : [SIGINT, SIGTERM, SIGHUP]
  }

  /// Serves until the session is over.
  ///
  /// - Parameter sideline: What makes the connections; `nil` if the kernel does.
  /// - Throws: The failure of the session.
  func run(
    _ listeners: ListenerGroup, _ policy: AccessPolicy, beside sideline: (any AuxiliarySource)? = nil,
    until signals: consuming SignalQueue
  ) throws(Failure) -> SessionOutcome {
    let local = listeners.local
    if !settings.isForOne { observer.mayLose() }
    DescriptorLimit.raise()
    // A signal that comes after the end is too late to change the status.
    defer { if !settings.isForOne { signals.ignore() } }
    let outcome: HubOutcome
    do throws(IOFailure) {
      let filters = try stream.filters.open(observer)
      var settings = settings
      settings.makeStream = stream.layers.makeStream
      let hub = try Hub(settings, filters, policy, on: listeners, beside: sideline) { report($0) }
      outcome = try hub.run(until: signals)
      try filters.recording?.close()
    } catch {
      listeners.close()
      return try SessionOutcome(of: error)
    }
    switch outcome {
    case .finished: return .success
    case .failed(let error): throw Failure(error)
    case .idle(let peer):
      throw Failure(idle: settings.limits.idle ?? .zero, with: "\(peer)")
    case .late:
      throw Failure(.timedOut, "listen on \(local): not finished within the time allowed (--timeout)")
    case .refused: throw Failure(.noPermission, "accept on \(local): the only connection is not served")
    case .noClient: throw Failure(.timedOut, "accept on \(local): timed out, no client connected")
    case .interrupted(let signal): return .killed(by: signal)
    case .unwritten(let count):
      throw Failure(
        .broken, "write standard output: the last \(count) bytes were not read within the time to finish")
    }
  }

  private func report(_ event: HubEvent) {
    switch event {
    case .began(let socket):
      for option in stream.settings.effective(on: socket) { observer.report(.option(option)) }
    case .ended(let ending):
      if let problem = ending.problem {
        report(problem, of: ending)
      } else if isChat {
        observer.report(.left(ending.peer, reason: nil))
      }
      if stream.reportsStatistics {
        observer.report(TransferStatistics(ending.report, tcp: ending.tcp, remote: ending.peer))
      }
      observer.report(
        .closed(
          peer: ending.peer, sent: ending.report.sent.passed, received: ending.report.received.passed,
          duration: ending.report.duration, end: ending.end))
    }
  }

  private func report(_ problem: HubEnding.Problem, of ending: HubEnding) {
    let rest = ending.report.sent.pending
    let reason: String
    switch problem {
    // The session itself ends with the error of its only client.
    case .broken(let error), .replyUnreadable(let error):
      if !settings.isForOne { observer.report(.clientFailed(error, peer: ending.peer)) }
      return
    case .stalled(let time):
      reason = "it read nothing for \(DurationFormat.describe(time)) while others waited"
    case .idle: reason = "it was idle"
    case .graceExpired: reason = "the time to finish was over"
    case .evicted: reason = "it had finished sending, and another client needed its place"
    }
    if isChat, rest == 0 {
      observer.report(.left(ending.peer, reason: reason))
    } else if rest > 0 || !settings.isForOne {
      observer.report(.reset(ending.peer, unsent: rest, reason: reason))
    }
  }

  private var isChat: Bool {
    if case .others(asChat: true) = settings.destination { true } else { false }
  }
}
