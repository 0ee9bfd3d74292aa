// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Accepts clients, connects each to a target, and passes bytes on in both directions, until a signal requests the end.
package struct Forwarder: Sendable {
  private let target: ForwardTarget
  private let settings: ForwardSettings
  private let report: @Sendable (ForwardEvent) -> Void

  /// Creates a forwarder.
  ///
  /// - Parameter report: Called with the events of connections, from any thread.
  package init(
    to target: ForwardTarget, _ settings: ForwardSettings, report: @escaping @Sendable (ForwardEvent) -> Void
  ) {
    self.target = target
    self.settings = settings
    self.report = report
  }

  /// Forwards until a signal requests the end. Then the remaining connections are forwarded until they have ended, the
  /// grace period is over, or a second signal arrives.
  ///
  /// - Parameters:
  ///   - listeners: The listeners of each worker, which has its own event loop.
  ///   - signals: Those of `Server.signals`.
  /// - Throws: A permanent error of a listening socket, or an error of the wait.
  package func run(_ listeners: [ListenerGroup], until signals: borrowing SignalQueue) throws(IOFailure) {
    let policy = policy
    let own = SelfConnections(of: target, from: listeners[0].local)
    let model = EventModel(
      limit: settings.maximumConnections, isOfDescriptors: settings.isLimitedByDescriptors, policy
    ) {
      (group, limit) throws(IOFailure) -> ForwardLoop in
      try ForwardLoop(
        to: target, settings, policy, on: group, within: limit, own, report: report)
    }
    try model.run(listeners, nil, until: signals)
  }

  private var policy: AccessPolicy {
    var policy = AccessPolicy(settings.access) { [report] in report(.reception($0)) }
    policy.turnsAwayWhenFull = settings.turnsAwayWhenFull
    return policy
  }
}
