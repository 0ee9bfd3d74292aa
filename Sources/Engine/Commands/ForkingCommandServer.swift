// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets

/// Serves each client by a child process that has a whole session with it, command and relay and all, until a signal asks
/// for the end: where bytes are looked at, one event loop for all would be as slow as the slowest.
///
/// A child heeds signals as the program does without `-k`, and passes them on to its command.
package struct ForkingCommandServer {
  private let settings: ServerSettings
  private let policy: AccessPolicy
  private let session: (consuming StreamSocket) -> CInt

  /// The signals that `run` has to be given.
  package static var signals: [CInt] { [SIGINT, SIGTERM, SIGHUP, SIGCHLD] }

  /// Prepares to serve.
  ///
  /// - Parameters:
  ///   - settings: How many sessions there may be at a time, and how long they have at the end.
  ///   - session: Serves one connection to its end in the child, and returns the status with which that exits.
  package init(
    _ settings: ServerSettings, _ policy: AccessPolicy, _ session: @escaping (consuming StreamSocket) -> CInt
  ) {
    self.settings = settings
    self.policy = policy
    self.session = session
  }

  /// Serves clients until a signal asks for the end; then the connections that are left have the grace to finish, until a
  /// second signal.
  ///
  /// - Throws: What breaks a listener or the waiting.
  package func run(_ listeners: ListenerGroup, until signals: borrowing SignalQueue) throws(SystemError) {
    try AcceptLoop(settings, policy, ForkModel(.signals, session)).run(listeners, nil, until: signals)
  }
}
