// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule
import Sockets
import Synchronization
import SystemPackage

/// Connections that this process makes itself, and that wait to be accepted as in the backlog of a listening socket.
package final class AcceptQueue: Sendable {
  /// A connection, until it is accepted.
  private final class Waiting: Sendable {
    let socket: Guarded<StreamSocket?>

    init(_ socket: consuming StreamSocket) { self.socket = Guarded(socket) }
  }

  private struct State {
    var waiting: Deque<Waiting> = []
    var isOpen = true
  }

  private let state = Guarded(State())
  private let counter: EventCounter
  /// The addresses that the connections are made for, at least one.
  let locals: [Address]

  /// The maximum number of connections that wait.
  private static let longest = 64

  /// - Throws: `EMFILE` and similar errors.
  init(at locals: [Address]) throws(IOFailure) {
    self.locals = locals
    counter = try EventCounter()
  }

  /// The descriptor to wait on: readable while a connection waits.
  var descriptor: FileDescriptor { counter.descriptor }

  /// Whether a connection may be added: the queue is not closed, and not full.
  var hasRoom: Bool { state.withLock { $0.isOpen && $0.waiting.count < Self.longest } }

  /// Adds a connection.
  func add(_ socket: consuming StreamSocket) {
    let last = Waiting(socket)
    state.withLock { $0.waiting.append(last) }
    counter.signal()
  }

  /// The connection that has waited longest; `nil` if there is none.
  func accept() -> StreamSocket? {
    let counter = counter
    let next = state.withLock { state in
      let next = state.waiting.popFirst()
      if state.waiting.isEmpty { counter.reset() }
      return next
    }
    return next?.socket.withLock { $0.take() }
  }

  /// Closes the connections that wait, and takes no others.
  func close() {
    state.withLock { state in
      state.isOpen = false
      state.waiting = []
    }
    counter.reset()
  }

  /// Closes the descriptors of the connections that wait in a child process, which leaves them to the parent.
  func closeInChild() {
    state.withLock { state in
      for waiting in state.waiting {
        waiting.socket.withLock { socket in
          if let number = socket?.descriptor { ChildProcess.close(number) }
        }
      }
    }
  }
}
