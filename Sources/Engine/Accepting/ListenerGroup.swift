// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
package import SystemPackage

/// The listening sockets of a server or one of its workers, one for each address; several threads may share them, and
/// one closes them. Or a single connection, which another process has accepted, or a queue of those that this process
/// makes itself.
package final class ListenerGroup: Sendable {
  private struct State: ~Copyable {
    /// Empty once they are closed.
    var listeners: [Bound<Listener>]
    /// The connection of another process, until it is accepted here.
    var connection: StreamSocket?
    /// The index of the listener that was tried last.
    var next = 0
  }

  private let state: Guarded<State>
  private let queue: AcceptQueue?
  /// The bound addresses, at least one.
  package let locals: [Address]
  /// The listening sockets, in the order of their addresses; each is readable once a connection can be accepted.
  package let sockets: [FileDescriptor]
  /// What carries the bytes of the connections of each listening socket.
  package let transports: [StreamTransport]
  /// Whether there is a single connection and no listening socket.
  package let isSole: Bool

  /// Takes ownership of listeners, at least one.
  package init(_ listeners: [Bound<Listener>]) {
    locals = listeners.map(\.local)
    sockets = listeners.map { $0.socket.descriptor }
    transports = listeners.map { $0.socket.transport }
    state = Guarded(State(listeners: listeners))
    queue = nil
    isSole = false
  }

  /// Takes the connections of a queue.
  package init(_ queue: AcceptQueue) {
    locals = queue.locals
    sockets = [queue.descriptor]
    transports = queue.locals.map { .ofDatagrams($0.family) }
    state = Guarded(State(listeners: []))
    self.queue = queue
    isSole = false
  }

  /// Takes ownership of a connection that another process has accepted.
  package init(_ connection: consuming StreamSocket) {
    locals = [connection.local]
    (sockets, transports) = ([], [])
    state = Guarded(State(listeners: [], connection: connection))
    queue = nil
    isSole = true
  }

  /// The first bound address.
  package var local: Address { locals[0] }

  /// The maximum number of Fast Open connections that wait for their handshake (RFC 7413); 0 if it is off.
  package var fastOpenQueue: Int { state.withLock { $0.listeners.first?.socket.fastOpenQueue ?? 0 } }

  /// Accepts the next connection, from the listeners in turn; `nil` if none is pending or the listeners are closed.
  ///
  /// - Throws: The errors of `Listener.accept`.
  package func accept() throws(IOFailure) -> StreamSocket? {
    if let queue { return queue.accept() }
    return try state.withLock { (state) throws(IOFailure) in
      if let connection = state.connection.take() { return connection }
      for _ in state.listeners {
        state.next = (state.next + 1) % state.listeners.count
        if let socket = try state.listeners[state.next].socket.accept() { return socket }
      }
      return nil
    }
  }

  /// Closes the listeners: from here on connections are refused.
  package func close() {
    queue?.close()
    state.withLock { state in
      state.listeners = []
      state.connection = nil
    }
  }

  /// Closes the descriptors in a child process, without affecting the listeners, and their socket files, of the parent.
  func closeInChild() {
    queue?.closeInChild()
    for socket in sockets { ChildProcess.close(socket) }
  }
}
