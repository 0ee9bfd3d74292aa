// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
package import SystemPackage

/// The listeners of a server, one for each address, behind one descriptor to wait on; several hold them, and one closes them.
package final class Door: Sendable {
  private struct State: ~Copyable {
    var listeners: [Bound<Listener>]
    /// What all listeners are watched by, until they are closed.
    var group: ReadinessGroup?
    /// The listener whose turn it is.
    var next = 0
  }

  private let state: Mutex<State>
  /// The addresses that are bound, at least one.
  package let locals: [Address]
  /// The listening sockets, in the order of their addresses.
  package let sockets: [FileDescriptor]
  /// The descriptor to wait on; readable once a connection waits at any of the listeners.
  package let number: FileDescriptor

  /// Takes over listeners, at least one.
  ///
  /// - Throws: `EMFILE` and its like, where there are several.
  package init(_ listeners: [Bound<Listener>]) throws(SystemError) {
    locals = listeners.map(\.local)
    sockets = listeners.map { $0.socket.number }
    let group = try ReadinessGroup(of: sockets)
    number = group.number
    state = Mutex(State(listeners: listeners, group: group))
  }

  /// The first address that is bound.
  package var local: Address { locals[0] }

  /// How many Fast Open connections may wait for their handshake (RFC 7413); 0 if it is off.
  package var fastOpenQueue: Int { state.withLock { $0.listeners.first?.socket.fastOpenQueue ?? 0 } }

  /// Takes the next connection, of one listener after the other; `nil` if none waits or the door is closed.
  package func accept() throws(SystemError) -> StreamSocket? {
    try state.withLock { (state) throws(SystemError) in
      for _ in state.listeners {
        state.next = (state.next + 1) % state.listeners.count
        if let socket = try state.listeners[state.next].socket.accept() { return socket }
      }
      return nil
    }
  }

  /// Takes no further connections: from here on they are refused.
  package func close() {
    state.withLock {
      $0.listeners = []
      $0.group = nil
    }
  }

  /// Closes the descriptors in a child process, which leaves the listeners, and their socket files, to the parent.
  func closeInChild() {
    for socket in sockets { ChildProcess.close(socket) }
    state.withLock { $0.group?.closeInChild() }
  }
}
