// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets

/// Which peers may connect, and what is called with what happens to connections.
package struct Admission: Sendable {
  private let access: AccessControl
  /// Told of what happens to connections, from any thread.
  package let report: @Sendable (ServerEvent) -> Void

  /// Lets in whom a list admits.
  package init(_ access: AccessControl, report: @escaping @Sendable (ServerEvent) -> Void) {
    self.access = access
    self.report = report
  }

  /// What came of accepting once.
  package enum Arrival: ~Copyable {
    /// A client that may be served.
    case client(StreamSocket)
    /// One that may not; it is closed already.
    case refused
    /// Nobody waits.
    case nobody
    /// Accepting failed in a way that passes: the system lacks something, or a connection broke while it waited.
    case failed(SystemError)
  }

  /// Whether a peer is let in.
  package func admits(_ peer: Address) -> Bool { access.admits(peer) }

  /// Does what a signal asks for that is no request to stop: SIGHUP has lists read again that come from files.
  ///
  /// - Returns: Whether that was all it asked for.
  package func heed(_ signal: CInt) -> Bool {
    guard signal == SIGHUP, access.isReread else { return false }
    report(access.reread())
    return true
  }

  /// Accepts one connection.
  ///
  /// - Throws: What breaks a listener.
  package func accept(on listeners: ListenerGroup) throws(SystemError) -> Arrival {
    do {
      guard let socket = try listeners.accept() else { return .nobody }
      guard admits(socket.remote) else {
        // Nothing is owed to it.
        try? socket.allowOrderlyClose()
        report(.refused(socket.remote))
        return .refused
      }
      report(.accepted(from: socket.remote, on: socket.local))
      return .client(socket)
    } catch {
      guard !error.code.isPermanent else { throw error }
      return .failed(error)
    }
  }
}
