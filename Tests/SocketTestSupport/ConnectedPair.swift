// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
package import Sockets
import Synchronization
package import SystemPackage

/// Thrown if no connection is pending where the test expects one.
package struct NobodyWaits: Error {}

extension Listener {
  /// Accepts the pending connection; the test fails if there is none.
  package func acceptWaiting() throws -> StreamSocket {
    guard let socket = try accept() else { throw NobodyWaits() }
    return socket
  }

  /// Whether no connection is pending; a pending one is accepted.
  package func hasNobodyWaiting() throws -> Bool {
    if let socket = try accept() { return socket.descriptor.rawValue < 0 }
    return true
  }

  private static let count = Atomic(0)

  /// A Unix listener with a unique name.
  package static func unique() throws -> Listener {
    let number = count.add(1, ordering: .relaxed).newValue
    return try open(on: .abstract(name: "sockkit-test-\(getpid())-\(number)"))
  }
}

/// Shuts a Unix connection or listener down, for every holder of it.
///
/// A program that another test starts holds a copy of every descriptor between `fork` and `exec`, so closing alone has
/// no effect for a moment.
package func hangUp(_ socket: FileDescriptor) {
  precondition(shutdown(socket.rawValue, CInt(SHUT_RDWR)) == 0)
}

/// Two Unix stream sockets that are connected to each other.
package final class ConnectedPair {
  /// One end.
  package let near: StreamSocket
  /// The other end.
  package let far: StreamSocket

  /// Connects them.
  package init() throws {
    let listener = try Listener.unique()
    near = try Connector().connect(to: [listener.local])
    far = try listener.acceptWaiting()
  }
}
