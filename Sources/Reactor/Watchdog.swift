// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Tells the service manager that a loop still turns, at half the interval in which it expects that. A thread of its own
/// would do so even if the loop had stopped.
package final class Watchdog {
  private var timer: Registration?

  /// The shortest time between two reports, so that a tiny interval does not keep a processor busy.
  private static let shortestPause = Duration.milliseconds(1)

  /// Begins to report from the turns of a reactor, until the watchdog is released; `nil` if the service manager does not
  /// expect reports of this process.
  package init?(in reactor: Reactor, for manager: ServiceManager? = .current) {
    guard let manager, let interval = manager.watchdogInterval else { return nil }
    let pause = max(interval / 2, Self.shortestPause)
    timer = reactor.timer(
      ReactorAction { [weak self, unowned reactor] _ in
        manager.report(.alive)
        self?.timer?.wake(at: reactor.now + pause)
      })
    manager.report(.alive)
    timer?.wake(at: reactor.now + pause)
  }
}
