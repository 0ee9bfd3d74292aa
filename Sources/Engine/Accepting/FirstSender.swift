// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import SystemPackage

/// Waits for the first datagram that arrives at any of several sockets, and connects that socket to its sender, so that
/// the two exchange datagrams like a client and its server. The datagram itself is left to be received.
package struct FirstSender {
  private let sockets: [Bound<DatagramSocket>]
  private let policy: AccessPolicy

  /// Prepares to wait.
  ///
  /// - Parameter policy: Which senders are accepted; the datagrams of others are discarded.
  package init(at sockets: [Bound<DatagramSocket>], _ policy: AccessPolicy) {
    self.sockets = sockets
    self.policy = policy
  }

  /// Waits for the datagram.
  ///
  /// - Returns: The connected socket, which shares the port with the one that has received.
  /// - Throws: An error of a socket, or of the wait.
  package func accept(
    until deadline: Deadline, or signals: borrowing SignalQueue
  ) throws(IOFailure) -> SoleClient {
    let reactor = Reactor.forFew()
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    let signalWatch = try Watch(signals.descriptor, for: .readable, in: reactor)
    var watches: [Watch] = []
    for socket in sockets { watches.append(try Watch(socket.socket.descriptor, for: .readable, in: reactor)) }
    while true {
      let isReady = try reactor.turn(until: deadline)
      if !signalWatch.take().isEmpty, let signal = signals.next(), !policy.heed(signal) {
        return .interrupted(by: signal)
      }
      for (watch, socket) in zip(watches, sockets) where watch.take().allowsRead {
        if let peer = try socket.socket.connectToSender(policy.admits) {
          policy.report(.accepted(from: peer.remote, on: peer.local, over: peer.transport))
          return .accepted(peer)
        }
      }
      guard isReady || !deadline.hasPassed else { return .late }
    }
  }
}
