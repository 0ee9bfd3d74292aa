// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A process with the credentials that the kernel vouches for.
package struct PeerProcess: Equatable, Sendable {
  /// Its process ID.
  package let identifier: Int
  /// The user it acts as.
  package let user: UInt32
  /// The group it acts as.
  package let group: UInt32

  /// Describes a process.
  package init(identifier: Int, user: UInt32, group: UInt32) {
    self.identifier = identifier
    self.user = user
    self.group = group
  }

  /// The process that connected, or listened, at the other end of a Unix socket: `SO_PEERCRED`; `nil` if the kernel has
  /// no record of it.
  package init?(at socket: FileDescriptor) {
    var peer = csockkit_peer()
    let status = try? systemCall("getsockopt(\(socket.rawValue), SOL_SOCKET, SO_PEERCRED)") {
      unsafe csockkit_peer(socket.rawValue, &peer)
    }
    // A process of another PID namespace has no number here.
    guard status == 0, peer.process > 0 else { return nil }
    self.init(identifier: Int(peer.process), user: peer.user, group: peer.group)
  }
}
