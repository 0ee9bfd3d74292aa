// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Services
package import Sockets
package import SystemPackage

/// Serves any number of clients at once, with one of three models that give the same answers, until a signal requests
/// the end.
package struct Server {
  private let service: any StreamService
  /// The settings.
  package let settings: ServerSettings
  private let report: @Sendable (ServerEvent) -> Void
  /// An additional task of the server while it waits, such as answering datagrams.
  package var sideline: (any AuxiliarySource)?
  /// Called in each process that serves one connection only, before anything is read from it.
  package var confineWorker: () -> Void = {}

  /// Creates a server.
  ///
  /// - Parameter report: Called with the events of connections, from any thread.
  package init(
    _ service: any StreamService, _ settings: ServerSettings,
    report: @escaping @Sendable (ServerEvent) -> Void
  ) {
    self.service = service
    self.settings = settings
    self.report = report
  }

  /// The signals that `run` needs: to stop, and to be notified that a child has ended.
  package static var signals: [CInt] { [SIGINT, SIGTERM, SIGHUP, SIGCHLD] }

  /// Serves until a signal requests the end. Then the remaining connections are served until they have ended, the grace
  /// period is over, or a second signal arrives.
  ///
  /// - Parameter listeners: The listeners of each worker.
  /// - Throws: A permanent error of a listening socket, or an error of the wait.
  package func run(_ listeners: [ListenerGroup], until signals: borrowing SignalQueue) throws(IOFailure) {
    let host = ConnectionHost(
      service: service, settings: settings,
      policy: AccessPolicy(settings.access, report: report))
    switch settings.model {
    case .event:
      let threads = ThreadPool()
      let model = EventModel(limit: settings.maximumConnections, host.policy) {
        (group, limit) throws(IOFailure) in
        try EventLoop(host, on: group, within: limit, threads)
      }
      try model.run(listeners, sideline, until: signals)
    case .thread:
      try AcceptLoop(host.settings, host.policy, ThreadModel(host)).run(
        listeners[0], sideline, until: signals)
    case .fork:
      let wakeups = try StopWakeups()
      let model = ForkModel(.wakeups(wakeups), report: host.policy.report) {
        confineWorker()
        host.serve($0, until: wakeups)
        return 0
      }
      try AcceptLoop(host.settings, host.policy, model).run(listeners[0], sideline, until: signals)
    }
  }
}

/// An additional task that a server runs in its main thread.
package protocol AuxiliarySource {
  /// The descriptors to wait on for reading.
  var descriptors: [FileDescriptor] { get }

  /// Whether the connections of the server depend on it, so that it lasts until they have ended; otherwise it ends when
  /// no clients are accepted any more.
  var carriesConnections: Bool { get }

  /// Handles the readiness of a descriptor, without waiting.
  func attend() throws(IOFailure)

  /// Closes the descriptors in a child process, which leaves the task to the parent.
  func closeInChild()
}
