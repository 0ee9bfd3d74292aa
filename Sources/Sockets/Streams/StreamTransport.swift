// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import SystemPackage

/// What carries the bytes of a stream socket, on which its ends and its options depend.
package enum StreamTransport: Equatable, Sendable {
  /// TCP or Multipath TCP.
  case tcp
  /// Datagrams that are exchanged with one peer.
  case udp
  /// An association of SCTP (RFC 9260), used as one stream.
  case sctp
  /// A Unix socket.
  case unix
  /// A socket between a virtual machine and its host.
  case vsock

  /// The short name: `tcp`, `udp`, `sctp`, `unix` or `vsock`.
  package var name: String {
    switch self {
    case .tcp: "tcp"
    case .udp: "udp"
    case .sctp: "sctp"
    case .unix: "unix"
    case .vsock: "vsock"
    }
  }

  /// Whether it uses IP, and so has the options of IP. Only these transports have resets.
  package var isInternet: Bool { [.tcp, .udp, .sctp].contains(self) }

  /// Whether one side can end its direction alone. The association of SCTP ends as a whole: once everything that was sent
  /// has arrived, and without what the peer sends later.
  package var hasHalfClose: Bool { self != .sctp }

  /// Whether the kernel can move the bytes by itself, with `splice` and `sendfile`. SCTP keeps the bytes of each send
  /// apart. The receiving call of vsock fails with ENOMEM if a pipe takes only a part (Linux 6.1).
  package var isSpliced: Bool { self != .sctp && self != .vsock }

  /// Whether the bytes of several sends are kept apart by the kernel, which takes no send that is longer than the send
  /// buffer.
  var keepsSendsApart: Bool { self == .sctp }

  /// Whether the outcome of an attempt to connect is the pending error of the socket, because another `connect` would
  /// begin a new attempt.
  var restartsAfterFailure: Bool { [.sctp, .vsock].contains(self) }

  /// The transport of datagrams in a family.
  package static func ofDatagrams(_ family: AddressFamily) -> StreamTransport {
    switch family {
    case .ipv4, .ipv6: .udp
    case .unix: .unix
    case .vsock: .vsock
    }
  }

  /// The transport of a socket of a family that was opened by another process: `SO_PROTOCOL` and `SO_TYPE`.
  package init(of socket: FileDescriptor, family: AddressFamily) {
    switch family {
    case .unix: self = .unix
    case .vsock: self = .vsock
    case .ipv4, .ipv6:
      if (try? SocketOption.protocol.value(on: socket)) == Int(Platform.sctp) {
        self = .sctp
      } else {
        let type = try? SocketOption.type.value(on: socket)
        self = type == Int(Platform.datagramSocket) ? .udp : .tcp
      }
    }
  }
}
