// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets

/// Serves each client in a child process that runs a whole session, with command and relay, until a signal requests the
/// end: where bytes are filtered or counted, a single event loop would be as slow as the slowest session.
///
/// A child handles signals as the program does without `-k`, and passes them on to its command.
package struct ForkingCommandServer {
  private let settings: ServerSettings
  private let policy: AccessPolicy
  private let session: (consuming StreamSocket) -> CInt

  /// The signals that `run` needs.
  package static var signals: [CInt] { [SIGINT, SIGTERM, SIGHUP, SIGCHLD] }

  /// Prepares to serve.
  ///
  /// - Parameters:
  ///   - settings: The maximum number of simultaneous sessions, and the time that they have to finish.
  ///   - session: Serves one connection to its end in the child, and returns the child's exit status.
  package init(
    _ settings: ServerSettings, _ policy: AccessPolicy, _ session: @escaping (consuming StreamSocket) -> CInt
  ) {
    self.settings = settings
    self.policy = policy
    self.session = session
  }

  /// Serves clients until a signal requests the end. Then the remaining connections have the grace period to finish,
  /// until a second signal arrives.
  ///
  /// - Parameter sideline: What makes the connections; `nil` if the kernel does.
  /// - Throws: A permanent error of a listening socket, or an error of the wait.
  package func run(
    _ listeners: ListenerGroup, beside sideline: (any AuxiliarySource)? = nil,
    until signals: borrowing SignalQueue
  ) throws(IOFailure) {
    try AcceptLoop(settings, policy, ForkModel(.signals, session)).run(listeners, sideline, until: signals)
  }
}
