// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Fills the buffers of a stream whose peer does not read.
struct StreamFilling: Equatable {
  /// The number of bytes accepted.
  private(set) var bytes = 0
  /// The number of writes that they were accepted in.
  private(set) var writes = 0

  /// The maximum size of a write.
  private static let largestWrite = 64 << 10
  /// The factor by which the size of a write is reduced when it is refused, and increased again when it is accepted:
  /// one byte is reached in four steps.
  private static let step = 16
  /// The time without a change after which no more is expected: TCP's windows and buffers grow while segments and their
  /// acknowledgements are in transit, and the latter may be delayed for this long.
  private static let settling = Duration.milliseconds(200)

  /// Writes to a socket until the kernel accepts not a single byte more, now and after a wait.
  ///
  /// - Throws: `ETIMEDOUT` if it still accepts some at the deadline.
  init(of socket: borrowing StreamSocket, until deadline: Deadline) throws(IOFailure) {
    let zeros = [UInt8](repeating: 0, count: Self.largestWrite)
    var size = Self.largestWrite
    var isSettled = false
    while !deadline.hasPassed {
      switch try Self.send(size, of: zeros, to: socket) {
      case .moved(let count):
        bytes += count
        writes += 1
        size = min(size * Self.step, Self.largestWrite)
        isSettled = false
      case .wouldBlock where size > 1:
        size /= Self.step
      case .wouldBlock where isSettled:
        return
      case .wouldBlock, .endOfStream:
        // A socket that is reported as writable may still refuse a write until much room is free: hence the second try.
        isSettled = try !Self.waitForRoom(in: socket)
        size = Self.largestWrite
      }
    }
    throw IOFailure(.send(to: "\(socket.remote)"), .timedOut)
  }

  private static func send(
    _ count: Int, of zeros: [UInt8], to socket: borrowing StreamSocket
  ) throws(IOFailure) -> Transfer {
    do {
      return try .send(to: socket.descriptor, from: zeros.span.extracting(first: count))
    } catch {
      throw IOFailure(.send(to: "\(socket.remote)"), error)
    }
  }

  /// Waits for a while; `false` if no room was reported.
  private static func waitForRoom(in socket: borrowing StreamSocket) throws(IOFailure) -> Bool {
    try !socket.descriptor.wait(for: .writable, until: .after(settling)).isEmpty
  }
}
