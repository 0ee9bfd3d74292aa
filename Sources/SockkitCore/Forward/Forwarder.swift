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
  ///   - doors: The listeners, each with an event loop of its own.
  ///   - signals: Those of `Server.signals`.
  /// - Throws: What breaks a listener or the waiting.
  package func run(_ doors: [Door], until signals: borrowing SignalQueue) throws(SystemError) {
    let admission = Admission(settings.access) { report(.reception($0)) }
    let own = SelfConnections(of: target, from: doors[0].local)
    let limit = settings.maximumConnections
    let model = EventModel(limit: limit, isOfDescriptors: settings.isLimitedByDescriptors, admission) {
      (door, capacity) throws(SystemError) -> ForwardLoop in
      try ForwardLoop(
        to: target, settings, admission, through: door, within: capacity, own, report: report)
    }
    try model.run(doors, nil, until: signals)
  }
}
