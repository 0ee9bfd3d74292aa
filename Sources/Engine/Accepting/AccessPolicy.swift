// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets

/// The peers that may connect, and the receiver of the events of connections.
package struct AccessPolicy: Sendable {
  private let access: AccessControl
  /// Called with the events of connections, from any thread.
  package let report: @Sendable (ServerEvent) -> Void

  /// Creates a policy from access lists.
  package init(_ access: AccessControl, report: @escaping @Sendable (ServerEvent) -> Void) {
    self.access = access
    self.report = report
  }

  /// Whether a peer may connect.
  package func admits(_ peer: Address) -> Bool { access.admits(peer) }

  /// Handles a signal that is not a request to stop: SIGHUP rereads access lists that come from files.
  ///
  /// - Returns: Whether the signal has been handled.
  package func heed(_ signal: CInt) -> Bool {
    guard signal == SIGHUP, access.isReread else { return false }
    report(access.reread())
    return true
  }
}
