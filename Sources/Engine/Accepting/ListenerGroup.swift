// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
package import SystemPackage

/// The listening sockets of a server or one of its workers, one for each address; several hold them, and one closes them.
package final class ListenerGroup: Sendable {
  private struct State: ~Copyable {
    /// Empty once they are closed.
    var listeners: [Bound<Listener>]
    /// The listener whose turn it is.
    var next = 0
  }

  private let state: Mutex<State>
  /// The addresses that are bound, at least one.
  package let locals: [Address]
  /// The listening sockets, in the order of their addresses; each is readable once a connection waits at it.
  package let sockets: [FileDescriptor]

  /// Takes over listeners, at least one.
  package init(_ listeners: [Bound<Listener>]) {
    locals = listeners.map(\.local)
    sockets = listeners.map { $0.socket.number }
    state = Mutex(State(listeners: listeners))
  }

  /// The first address that is bound.
  package var local: Address { locals[0] }

  /// How many Fast Open connections may wait for their handshake (RFC 7413); 0 if it is off.
  package var fastOpenQueue: Int { state.withLock { $0.listeners.first?.socket.fastOpenQueue ?? 0 } }

  /// Takes the next connection, of one listener after the other; `nil` if none waits or the listeners are closed.
  ///
  /// - Throws: What `Listener.accept` reports.
  package func accept() throws(SystemError) -> StreamSocket? {
    try state.withLock { (state) throws(SystemError) in
      for _ in state.listeners {
        state.next = (state.next + 1) % state.listeners.count
        if let socket = try state.listeners[state.next].socket.accept() { return socket }
      }
      return nil
    }
  }

  /// Closes the listeners: from here on connections are refused.
  package func close() { state.withLock { $0.listeners = [] } }

  /// Closes the descriptors in a child process, which leaves the listeners, and their socket files, to the parent.
  func closeInChild() {
    for socket in sockets { ChildProcess.close(socket) }
  }
}
