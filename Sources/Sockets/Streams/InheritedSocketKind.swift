// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// What an inherited descriptor can be used for.
package enum InheritedSocketKind: Equatable, Sendable {
  /// A stream socket, or one that keeps messages apart, on which connections are accepted.
  case listening(isSequenced: Bool)
  /// A stream socket, or one that keeps messages apart, that is connected.
  case connected(isSequenced: Bool)
  /// A datagram socket.
  case datagram
  /// A socket of another type, or one that is neither listening nor connected.
  case other

  /// Determines the kind of a descriptor: `SO_TYPE`, `SO_ACCEPTCONN` and `getpeername`.
  ///
  /// - Throws: `EBADF` if the descriptor is not open, `ENOTSOCK` if it is not a socket.
  package init(of descriptor: FileDescriptor) throws(IOFailure) {
    let type = CInt(try SocketOption.type.value(on: descriptor))
    if type == Platform.datagramSocket {
      self = .datagram
      return
    }
    let isSequenced = type == Platform.sequencedPacketSocket
    guard isSequenced || type == Platform.streamSocket else {
      self = .other
      return
    }
    if try SocketOption.acceptsConnections.value(on: descriptor) != 0 {
      self = .listening(isSequenced: isSequenced)
    } else {
      let isConnected = StreamSocket.remoteAddress(of: descriptor) != nil
      self = isConnected ? .connected(isSequenced: isSequenced) : .other
    }
  }
}
