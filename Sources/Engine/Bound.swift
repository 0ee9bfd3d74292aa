// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A socket that is bound to an address, as an element of a group.
package final class Bound<Socket: ~Copyable> {
  /// The socket.
  package let socket: Socket
  /// The bound address, with the port that the kernel chose.
  package let local: Address

  /// Takes ownership of a socket.
  package init(_ socket: consuming Socket, at local: Address) {
    self.socket = socket
    self.local = local
  }
}

extension Bound: Sendable where Socket: ~Copyable & Sendable {}
