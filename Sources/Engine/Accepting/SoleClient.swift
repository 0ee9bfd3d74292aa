// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets

/// The result of waiting for a single client.
package enum SoleClient: ~Copyable {
  /// A client was accepted.
  case accepted(StreamSocket)
  /// The deadline has passed.
  case late
  /// The only connection is from a peer that may not connect.
  case refused
  /// A signal has requested the end.
  case interrupted(by: CInt)
}

extension ListenerGroup {
  /// Waits for one client.
  ///
  /// - Parameter isLast: Whether the listening sockets are closed when this returns, so that no other client waits in
  ///   vain.
  /// - Throws: A permanent error of a listening socket, or an error of the wait.
  package func acceptOne(
    _ policy: AccessPolicy, until deadline: Deadline, or signals: borrowing SignalQueue, isLast: Bool = true
  ) throws(IOFailure) -> SoleClient {
    let reactor = Reactor.forFew()
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    let signalWatch = try Watch(signals.descriptor, for: .readable, in: reactor)
    let acceptor = Acceptor(policy, on: self, within: ConnectionLimit(1), in: reactor)
    defer { if isLast { acceptor.close() } }
    var client: StreamSocket?
    try acceptor.start { [unowned acceptor] () throws(IOFailure) in client = try acceptor.next() }
    while true {
      var interruption: CInt?
      let isReady = try reactor.turn(until: deadline) {
        guard !signalWatch.take().isEmpty, let signal = signals.next(), !policy.heed(signal) else {
          return
        }
        interruption = signal
        acceptor.close()
      }
      if let interruption { return .interrupted(by: interruption) }
      if let client = client.take() { return .accepted(client) }
      if reactor.isStopped { return .refused }
      guard isReady || !deadline.hasPassed else { return .late }
    }
  }

  /// Waits for one client by a call that blocks, on a single listening socket in blocking mode, which is then closed.
  ///
  /// - Returns: `accepted` or `refused`.
  /// - Throws: An error of the listening socket.
  package func acceptBlocking(_ policy: AccessPolicy) throws(IOFailure) -> SoleClient {
    defer { close() }
    while true {
      guard let socket = try accept() else { continue }
      if policy.admits(socket.remote) {
        policy.report(.accepted(from: socket.remote, on: socket.local, over: socket.transport))
        return .accepted(socket)
      }
      try socket.setCloseRule(.orderly)
      policy.report(.refused(socket.remote))
      if isSole { return .refused }
    }
  }
}
