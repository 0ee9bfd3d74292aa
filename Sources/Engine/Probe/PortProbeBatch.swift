// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets

/// Probes each port once, up to a limit of them at a time.
final class PortProbeBatch {
  let reactor: Reactor
  let scratch = PortProbe.Scratch()
  private var limit: Int
  private var waiting: ArraySlice<Int> = []
  private var running: [PortProbe] = []
  /// The probes whose state may have changed.
  private var changed: [PortProbe] = []

  /// Creates the probe of a port.
  typealias Making = (Int, PortProbeBatch) -> PortProbe
  /// Receives the result for a port.
  typealias Done = (Int, PortState) throws(IOFailure) -> Void

  /// - Parameter limit: The maximum number of ports that are probed at a time, at least 1.
  /// - Throws: `EMFILE` and similar errors.
  init(atMost limit: Int) throws(IOFailure) {
    self.limit = limit
    reactor = try Reactor()
  }

  /// Probes ports, and returns when all connections are closed.
  ///
  /// - Throws: A local error of the system, or the error that `done` throws.
  func run(_ ports: [Int], make: Making, done: Done) throws(IOFailure) {
    waiting = ports[...]
    defer { for probe in running { probe.cancel() } }
    while true {
      while running.count < limit, let port = waiting.popFirst() {
        let probe = make(port, self)
        running.append(probe)
        probe.start()
        try settle(done)
      }
      guard !running.isEmpty else { return }
      try reactor.turn()
      try settle(done)
    }
  }

  /// Notes that a probe has taken a step.
  func didChange(_ probe: PortProbe) { changed.append(probe) }

  /// Handles the probes that have taken a step.
  private func settle(_ done: Done) throws(IOFailure) {
    let probes = changed
    changed = []
    for probe in probes {
      if let failure = probe.takeLocalFailure() {
        try reduceConcurrency(because: failure, repeating: probe.index)
      }
      if let state = probe.takeState() { try done(probe.index, state) }
    }
    running.removeAll(where: \.isOver)
  }

  /// Reduces the number of ports that are probed at a time because the system lacks a resource, and repeats one of them
  /// later.
  private func reduceConcurrency(because failure: IOFailure, repeating port: Int) throws(IOFailure) {
    let others = running.count { !$0.isOver }
    guard ExitStatus(failure) == .noResources, others > 0 else { throw failure }
    limit = others
    waiting.insert(port, at: waiting.startIndex)
  }
}
