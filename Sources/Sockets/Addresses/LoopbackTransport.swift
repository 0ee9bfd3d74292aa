// SPDX-License-Identifier: GPL-3.0-or-later

/// A transport between two sockets of one machine.
package enum LoopbackTransport: String, CaseIterable, Sendable {
  /// A TCP connection over the loopback interface.
  case tcp
  /// A connection of Unix stream sockets.
  case unix
  /// Datagrams over the loopback interface.
  case udp

  /// Creates a socket that is neither bound nor connected. The corresponding C function is `socket`.
  package func freshSocket() throws(IOFailure) -> Descriptor {
    switch self {
    case .tcp: try Descriptor.socket(.ipv4, type: Platform.streamSocket)
    case .unix: try Descriptor.socket(.unix, type: Platform.streamSocket)
    case .udp: try Descriptor.socket(.ipv4, type: Platform.datagramSocket)
    }
  }

  /// The address to bind so that the kernel chooses the port or the abstract name.
  package var anyAddress: Address {
    switch self {
    case .tcp, .udp: .internet(.ipv4([127, 0, 0, 1]), port: 0)
    case .unix: .unnamed
    }
  }
}
