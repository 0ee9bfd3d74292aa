// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets

/// Tries ports once each, so many of them at a time.
final class PortProbeBatch {
  let reactor: Reactor
  let scratch = PortProbe.Scratch()
  private var limit: Int
  private var waiting: ArraySlice<Int> = []
  private var running: [PortProbe] = []
  /// Those of which something may have become known.
  private var changed: [PortProbe] = []

  /// Makes the probe of one of the ports.
  typealias Making = (Int, PortProbeBatch) -> PortProbe
  /// Takes what was found out about one of the ports.
  typealias Done = (Int, PortState) throws(SystemError) -> Void

  /// - Parameter limit: The most ports that are tried at a time, at least 1.
  /// - Throws: `EMFILE` and its like.
  init(atMost limit: Int) throws(SystemError) {
    self.limit = limit
    reactor = try Reactor()
  }

  /// Tries ports, and returns when all connections are closed.
  ///
  /// - Throws: What the system lacks or refuses on this side, and what `done` throws.
  func run(_ ports: [Int], make: Making, done: Done) throws(SystemError) {
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

  /// A probe has taken a step.
  func didChange(_ probe: PortProbe) { changed.append(probe) }

  /// Takes note of what has become of the probes that have taken a step.
  private func settle(_ done: Done) throws(SystemError) {
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

  /// Tries fewer ports at a time because the system lacks something, and one of them later.
  private func reduceConcurrency(because failure: SystemError, repeating port: Int) throws(SystemError) {
    let others = running.count { !$0.isOver }
    guard ExitStatus(failure) == .noResources, others > 0 else { throw failure }
    limit = others
    waiting.insert(port, at: waiting.startIndex)
  }
}
