// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Accepts clients, connects each to a target, and passes on what comes from either side, until a signal asks for the end.
package struct Forwarder: Sendable {
  private let target: Upstream
  private let settings: ForwardSettings
  private let report: @Sendable (ForwardEvent) -> Void

  /// Creates a forwarder.
  ///
  /// - Parameter report: Called with what happens to connections, from any thread.
  package init(
    to target: Upstream, _ settings: ForwardSettings, report: @escaping @Sendable (ForwardEvent) -> Void
  ) {
    self.target = target
    self.settings = settings
    self.report = report
  }

  /// Forwards until a signal asks for the end, and then the connections that are left until they have ended, the grace is
  /// over, or a second signal comes.
  ///
  /// - Parameters:
  ///   - listeners: Those of each worker, which has an event loop of its own.
  ///   - signals: Those of `Server.signals`.
  /// - Throws: What breaks a listener or the waiting.
  package func run(_ listeners: [ListenerGroup], until signals: borrowing SignalQueue) throws(SystemError) {
    let policy = AccessPolicy(settings.access) { report(.reception($0)) }
    let own = SelfConnections(of: target, from: listeners[0].local)
    let model = EventModel(
      limit: settings.maximumConnections, isOfDescriptors: settings.isLimitedByDescriptors, policy
    ) {
      (group, limit) throws(SystemError) -> ForwardLoop in
      try ForwardLoop(
        to: target, settings, policy, on: group, within: limit, own, report: report)
    }
    try model.run(listeners, nil, until: signals)
  }
}
