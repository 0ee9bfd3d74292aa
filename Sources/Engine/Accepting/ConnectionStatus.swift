// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets

/// Tells the service manager the number of connections, for its display of the state of a service.
final class ConnectionStatus {
  private let reactor: Reactor
  private var timer: Registration?
  private var isDue = false

  /// The time in which changes are collected: a report for each connection would slow a server down.
  private static let pause = Duration.seconds(1)

  /// - Parameters:
  ///   - count: The current number of connections.
  ///   - reactor: The loop from which it is reported.
  /// - Returns: `nil` if there is no service manager.
  init?(of count: @escaping () -> Int, in reactor: Reactor) {
    guard let manager = ServiceManager.current else { return nil }
    self.reactor = reactor
    timer = reactor.timer(
      ReactorAction { [weak self] _ in
        self?.isDue = false
        manager.report(.serving(connections: count()))
      })
  }

  /// Notes that the number has changed.
  func noteChange() {
    guard !isDue else { return }
    isDue = true
    timer?.wake(at: reactor.now + Self.pause)
  }
}
