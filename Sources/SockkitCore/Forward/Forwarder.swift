// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Accepts clients, connects each to a target, and passes on what comes from either side, until it is told to stop.
package struct Forwarder: Sendable {
  private let target: ForwardTarget
  private let settings: ForwardSettings
  private let report: @Sendable (ForwardEvent) -> Void

  /// Creates a forwarder.
  ///
  /// - Parameter report: Told of what happens to connections, from any thread.
  package init(
    to target: ForwardTarget, _ settings: ForwardSettings, report: @escaping @Sendable (ForwardEvent) -> Void
  ) {
    self.target = target
    self.settings = settings
    self.report = report
  }

  /// Forwards until a signal tells it to stop, and then those who are connected until they have finished, the grace is
  /// over, or a second signal comes.
  ///
  /// - Parameters:
  ///   - listeners: Those of each worker, which has an event loop of its own.
  ///   - signals: Those of `Server.signals`.
  /// - Throws: What breaks a listener or the waiting.
  package func run(_ listeners: [ListenerGroup], until signals: borrowing SignalQueue) throws(SystemError) {
    let admission = Admission(settings.access) { report(.reception($0)) }
    let own = SelfConnections(of: target, from: listeners[0].local)
    let limit = settings.maximumConnections
    let model = EventModel(limit: limit, isOfDescriptors: settings.isLimitedByDescriptors, admission) {
      (group, capacity) throws(SystemError) -> ForwardLoop in
      try ForwardLoop(
        to: target, settings, admission, on: group, within: capacity, own, report: report)
    }
    try model.run(listeners, nil, until: signals)
  }
}
