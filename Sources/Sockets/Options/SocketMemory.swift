// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// The kernel's account of a socket's memory: `SO_MEMINFO`.
///
/// A queue is charged for the memory that its packets occupy, bookkeeping included, which is why a receive
/// buffer is full long before its size in payload has arrived.
package struct SocketMemory: Equatable, Sendable {
  /// Bytes of memory that received data occupies.
  package let received: Int
  /// Bytes of memory that received data may occupy: `SO_RCVBUF`.
  package let receiveLimit: Int
  /// Bytes of memory that data occupies which was sent and is not acknowledged by the peer's system.
  package let unacknowledged: Int
  /// The number of packets that arrived and were dropped since the socket was created, usually because the buffer was
  /// full; the kernel counts in 32 bits.
  package let drops: Int

  /// Queries the kernel. The corresponding C function is `getsockopt`.
  ///
  /// - Throws: `ENOPROTOOPT` on a kernel older than 4.12.
  package init(of socket: FileDescriptor) throws(IOFailure) {
    let number = socket.rawValue
    var memory = csockkit_socket_memory()
    _ = try attempting(.set("memory information")) { () throws(Errno) in
      try systemCall(
        "getsockopt(\(number), SOL_SOCKET, SO_MEMINFO)",
        note: " {rmem_alloc=\(memory.received), rcvbuf=\(memory.receive_limit), drops=\(memory.drops)}"
      ) {
        unsafe csockkit_socket_memory(number, &memory)
      }
    }
    received = Int(memory.received)
    receiveLimit = Int(memory.receive_limit)
    unacknowledged = Int(memory.unacknowledged)
    drops = Int(memory.drops)
  }
}
