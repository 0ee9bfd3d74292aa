// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// The number of bytes in the two queues of a socket.
enum QueuedBytes {
  /// The bytes that were sent and are still in the send queue: `ioctl` with `SIOCOUTQ`.
  static func unsent(in socket: FileDescriptor, to peer: String) throws(IOFailure) -> Int {
    var bytes: CInt = 0
    _ = try attempting(.send(to: peer)) { () throws(Errno) in
      try systemCall("ioctl(\(socket.rawValue), SIOCOUTQ)", note: " {\(bytes)}") {
        unsafe csockkit_unacknowledged_bytes(socket.rawValue, &bytes)
      }
    }
    return Int(bytes)
  }

  /// The bytes that can be read at once; for datagrams, those of the first: `ioctl` with `FIONREAD`.
  static func unread(in socket: FileDescriptor, from peer: String) throws(IOFailure) -> Int {
    var bytes: CInt = 0
    _ = try attempting(.receive(from: peer)) { () throws(Errno) in
      try systemCall("ioctl(\(socket.rawValue), FIONREAD)", note: " {\(bytes)}") {
        unsafe csockkit_readable_bytes(socket.rawValue, &bytes)
      }
    }
    return Int(bytes)
  }
}

extension FileDescriptor {
  /// Whether a pipe, socket or terminal has at least one byte to be read now: `ioctl` with `FIONREAD`.
  package var hasReadableBytes: Bool {
    var bytes: CInt = 0
    let status = try? systemCall("ioctl(\(rawValue), FIONREAD)", note: " {\(bytes)}") {
      unsafe csockkit_readable_bytes(rawValue, &bytes)
    }
    return status != nil && bytes > 0
  }
}
