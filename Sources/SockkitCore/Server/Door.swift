// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
package import SystemPackage

/// A listener that several hold, and one closes.
package final class Door: Sendable {
  private let listener: Mutex<Listener?>
  /// The address that is bound.
  package let local: Address
  /// The descriptor to wait on; readable once a connection waits.
  package let number: FileDescriptor

  /// Takes over a listener.
  package init(_ listener: consuming Listener) {
    local = listener.local
    number = listener.number
    self.listener = Mutex(listener)
  }

  /// How many Fast Open connections may wait for their handshake (RFC 7413); 0 if it is off.
  package var fastOpenQueue: Int { listener.withLock { $0?.fastOpenQueue ?? 0 } }

  /// Takes the next connection; `nil` if none waits or the door is closed.
  func accept() throws(SystemError) -> StreamSocket? {
    try listener.withLock { (listener) throws(SystemError) in try listener?.accept() }
  }

  /// Takes no further connections: from here on they are refused.
  package func close() { listener.withLock { $0 = nil } }

  /// Closes the descriptor in a child process, which leaves the listener, and its socket file, to the parent.
  func closeInChild() { ChildProcess.close(number) }
}
