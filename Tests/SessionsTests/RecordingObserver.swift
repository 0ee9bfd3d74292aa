// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import Synchronization
import Transport

/// An observer that records the reports of a session.
final class RecordingObserver: SessionObserver {
  private struct State {
    var events: [Event] = []
    var statistics: [String] = []
    var notes: [String] = []
    var mayLose = false
  }

  private let state = Guarded(State())
  private let onEvent: @Sendable (Event) -> Void

  /// Creates an observer.
  ///
  /// - Parameter onEvent: Called with each event, in the thread of the session.
  init(onEvent: @escaping @Sendable (Event) -> Void = { _ in }) { self.onEvent = onEvent }

  let isVerbose = true
  /// The events so far.
  var events: [Event] { state.withLock { $0.events } }
  /// The lines of the statistics so far.
  var statistics: [String] { state.withLock { $0.statistics } }
  /// Whether lines may be lost.
  var losesLines: Bool { state.withLock { $0.mayLose } }

  func report(_ event: Event) {
    state.withLock { $0.events.append(event) }
    onEvent(event)
  }
  func report(_ statistics: any Statistics) { state.withLock { $0.statistics += statistics.lines } }
  func note(_ text: String) { state.withLock { $0.notes.append(text) } }
  func dump(_ lines: [String], _ direction: TrafficDirection) {}
  func stopping(because signal: CInt) {}
  func mayLose() { state.withLock { $0.mayLose = true } }
  func writeAside(_ aside: (@Sendable (() -> Void) -> Void)?) {}
  func makeProgress(inputSize: Int?) -> any TransferProgress { NoProgress() }

  /// The failures among the events.
  var failures: [Failure] { events.compactMap { if case .failed(let failure) = $0 { failure } else { nil } } }

  private final class NoProgress: TransferProgress {
    let nextLook = Deadline.never
    func look(sent: TransferCounters, received: TransferCounters) {}
    func finish(_ report: Relay.Report) {}
  }
}
