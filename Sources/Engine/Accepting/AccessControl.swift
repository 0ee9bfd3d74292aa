// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import Synchronization

/// Which peers may connect at present; it can be asked from any thread.
package final class AccessControl: Sendable {
  private let sources: AccessSources
  private let list: Mutex<AccessList>

  /// Reads the lists.
  ///
  /// - Throws: What is wrong with a file.
  package init(_ sources: AccessSources) throws(Failure) {
    self.sources = sources
    list = Mutex(try sources.list())
  }

  /// Admits every peer.
  package init() {
    sources = AccessSources()
    list = Mutex(AccessList())
  }

  /// Whether a peer may connect.
  package func admits(_ peer: Address) -> Bool { list.withLock { $0.admits(peer) } }

  /// Whether SIGHUP asks for the lists to be read again, because some come from files, and for nothing else.
  package var isReread: Bool { sources.areFiles }

  /// Reads the lists again, for the connections to come; if anything is wrong with one, all stay as they were.
  ///
  /// - Returns: What was read, or why the lists stay.
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
  /// Starts to collect signals for a server with access lists; SIGHUP even if it was ignored, where it asks for the lists
  /// to be read again.
  package init(_ signals: [CInt], for access: AccessControl) throws(SystemError) {
    try self.init(signals, evenIfIgnored: access.isReread ? [SIGHUP] : [])
  }
}
