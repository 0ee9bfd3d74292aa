// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Tries ports once each, so many of them at a time.
struct PortRound: ~Copyable {
  private var queue: EventQueue
  private var capacity: Int
  private var waiting: ArraySlice<Int> = []
  private var checks: [PortCheck] = []
  /// Whose a descriptor is.
  private var owners: [FileDescriptor: PortCheck] = [:]

  /// Begins to try one of the ports.
  typealias Begin = (Int) -> PortCheck
  /// Takes what was found out about one of the ports.
  typealias Done = (Int, PortState) throws(SystemError) -> Void

  /// - Parameter capacity: The most ports that are tried at a time, at least 1.
  /// - Throws: `EMFILE` and its like.
  init(within capacity: Int) throws(SystemError) {
    self.capacity = capacity
    queue = try EventQueue()
  }

  /// Tries ports, and returns when all connections are closed.
  ///
  /// - Throws: What the system lacks or refuses on this side, and what `done` throws.
  mutating func run(_ ports: [Int], begin: Begin, done: Done) throws(SystemError) {
    waiting = ports[...]
    var scratch = [UInt8](repeating: 0, count: 16 << 10)
    while !waiting.isEmpty || !checks.isEmpty {
      while checks.count < capacity, let port = waiting.popFirst() {
        let check = begin(port)
        try move(check, done) { $0.proceed(in: $1) }
        if !check.isOver { checks.append(check) }
      }
      guard let wake = checks.lazy.map(\.wake).min() else { continue }
      for event in try queue.wait(until: wake) {
        guard let check = owners[event.descriptor] else { continue }
        try move(check, done) { $0.advance(event.descriptor, in: $1, &scratch) }
      }
      let now = Deadline.now
      for check in checks where !check.isOver && check.wake <= now {
        try move(check, done) { $0.proceed(in: $1) }
      }
      checks.removeAll(where: \.isOver)
    }
    owners = [:]
  }

  /// Has something done about a port, and takes note of what comes of it.
  private mutating func move(
    _ check: PortCheck, _ done: Done, _ step: (PortCheck, borrowing EventQueue) -> Void
  ) throws(SystemError) {
    let wasKnown = check.state != nil
    step(check, queue)
    if let obstacle = check.obstacle { return try makeDo(without: obstacle, for: check.index) }
    if let state = check.state, !wasKnown { try done(check.index, state) }
    for descriptor in check.watched where !check.isOver { owners[descriptor] = check }
  }

  /// Tries fewer ports at a time because the system lacks something, and one of them later.
  private mutating func makeDo(without lack: SystemError, for port: Int) throws(SystemError) {
    let others = checks.count { !$0.isOver && $0.index != port }
    guard ExitStatus(lack) == .noResources, others > 0 else { throw lack }
    capacity = others
    waiting.insert(port, at: waiting.startIndex)
  }
}
