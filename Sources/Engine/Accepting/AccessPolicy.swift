// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets

/// Which peers may connect, and where is reported what happens to connections.
package struct AccessPolicy: Sendable {
  private let access: AccessControl
  /// Called with what happens to connections, from any thread.
  package let report: @Sendable (ServerEvent) -> Void

  /// Creates a policy by access lists.
  package init(_ access: AccessControl, report: @escaping @Sendable (ServerEvent) -> Void) {
    self.access = access
    self.report = report
  }

  /// Whether a peer may connect.
  package func admits(_ peer: Address) -> Bool { access.admits(peer) }

  /// Does what a signal asks for that is no request to stop: SIGHUP has lists read again that come from files.
  ///
  /// - Returns: Whether that was all it asked for.
  package func heed(_ signal: CInt) -> Bool {
    guard signal == SIGHUP, access.isReread else { return false }
    report(access.reread())
    return true
  }
}
