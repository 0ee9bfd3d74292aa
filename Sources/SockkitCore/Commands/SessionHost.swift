// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets

/// Has a session with each client, in a process of its own, until it is told to stop.
package struct SessionHost {
  private let settings: ServerSettings
  private let admission: Admission
  private let session: (consuming StreamSocket) -> CInt

  /// The signals that `run` has to be given.
  package static var signals: [CInt] { [SIGINT, SIGTERM, SIGHUP, SIGCHLD] }

  /// Prepares to serve.
  ///
  /// - Parameters:
  ///   - settings: How many there may be at a time, and how long they have at the end.
  ///   - session: Serves one connection to its end in the child, and says with which status that ends.
  package init(
    _ settings: ServerSettings, _ admission: Admission, _ session: @escaping (consuming StreamSocket) -> CInt
  ) {
    self.settings = settings
    self.admission = admission
    self.session = session
  }

  /// Serves clients until a signal asks for the end; then the connections that are left have the grace to finish, until a
  /// second signal.
  ///
  /// - Throws: What breaks a listener or the waiting.
  package func run(_ listeners: ListenerGroup, until signals: borrowing SignalQueue) throws(SystemError) {
    try AcceptLoop(settings, admission, SessionModel(session)).run(listeners, nil, until: signals)
  }
}
