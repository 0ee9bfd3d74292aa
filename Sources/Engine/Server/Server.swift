// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Services
package import Sockets
package import SystemPackage

/// Serves any number of clients at once, by one of three models that give the same answers, until a signal asks for
/// the end.
package struct Server {
  private let service: any StreamService
  /// What it is held to.
  package let settings: ServerSettings
  private let report: @Sendable (ServerEvent) -> Void
  /// What else the server does while it waits, such as answering datagrams.
  package var sideline: (any AuxiliarySource)?

  /// Creates a server.
  ///
  /// - Parameter report: Called with what happens to connections, from any thread.
  package init(
    _ service: any StreamService, _ settings: ServerSettings,
    report: @escaping @Sendable (ServerEvent) -> Void
  ) {
    self.service = service
    self.settings = settings
    self.report = report
  }

  /// The signals that `run` has to be given: to stop, and to learn that a child has ended.
  package static var signals: [CInt] { [SIGINT, SIGTERM, SIGHUP, SIGCHLD] }

  /// Serves until a signal asks for the end, and then the connections that are left until they have ended, the grace is
  /// over, or a second signal comes.
  ///
  /// - Parameter listeners: Those of each worker.
  /// - Throws: What breaks a listener or the waiting.
  package func run(_ listeners: [ListenerGroup], until signals: borrowing SignalQueue) throws(SystemError) {
    let host = ConnectionHost(
      service: service, settings: settings,
      policy: AccessPolicy(settings.access, report: report))
    switch settings.model {
    case .event:
      let threads = ThreadPool()
      let model = EventModel(limit: settings.maximumConnections, host.policy) {
        (group, limit) throws(SystemError) in
        try EventLoop(host, on: group, within: limit, threads)
      }
      try model.run(listeners, sideline, until: signals)
    case .thread:
      try AcceptLoop(host.settings, host.policy, ThreadModel(host)).run(
        listeners[0], sideline, until: signals)
    case .fork:
      let wakeups = try StopWakeups()
      let model = ForkModel(.wakeups(wakeups), report: host.policy.report) {
        host.serve($0, until: wakeups)
        return 0
      }
      try AcceptLoop(host.settings, host.policy, model).run(listeners[0], sideline, until: signals)
    }
  }
}

/// Something that a server does on the side, in its main thread.
package protocol AuxiliarySource {
  /// The descriptors to wait on for reading.
  var numbers: [FileDescriptor] { get }

  /// Does what a descriptor is ready for, without waiting.
  func attend() throws(SystemError)

  /// Closes the descriptors in a child process, which leaves it to the parent.
  func closeInChild()
}
