// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import Synchronization

/// Decides which peers may currently connect; it can be called from any thread.
package final class AccessControl: Sendable {
  private let sources: AccessSources
  private let list: Guarded<AccessList>

  /// Reads the lists.
  ///
  /// - Throws: The error of a file.
  package init(_ sources: AccessSources) throws(Failure) {
    self.sources = sources
    list = Guarded(try sources.list())
  }

  /// Creates a control that admits every peer.
  package init() {
    sources = AccessSources()
    list = Guarded(AccessList())
  }

  /// Whether a peer may connect.
  package func admits(_ peer: Address) -> Bool { list.withLock { $0.admits(peer) } }

  /// Whether SIGHUP makes the lists be read again, because some come from files, and has no other effect.
  package var isReread: Bool { sources.areFiles }

  /// Reads the lists again, for new connections; if any of them has an error, all are left unchanged.
  ///
  /// - Returns: The numbers of networks read, or the reason why the lists are unchanged.
  func reread() -> ServerEvent {
    do {
      let list = try sources.list()
      self.list.withLock { $0 = list }
      return .accessReread(allowed: list.allowed?.count, denied: list.denied.count)
    } catch {
      return .accessKept(because: error)
    }
  }
}

extension SignalQueue {
  /// Starts to collect signals for a server with access lists; if SIGHUP rereads the lists, it is collected even if it
  /// was ignored.
  package init(_ signals: [CInt], for access: AccessControl) throws(IOFailure) {
    try self.init(signals, evenIfIgnored: access.isReread ? [SIGHUP] : [])
  }
}
