// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// What a stream takes while nobody reads.
struct StreamFilling: Equatable {
  /// The bytes that were taken.
  private(set) var bytes = 0
  /// How many writes they were taken in.
  private(set) var writes = 0

  /// The most that is written at once.
  private static let largestWrite = 64 << 10
  /// By how much the writes become smaller when one is refused, and larger again when one is taken: one byte is
  /// reached in four steps.
  private static let step = 16
  /// How long nothing must change before no more is expected: TCP's windows and buffers grow while segments and
  /// their acknowledgements are under way, and the latter may be delayed for this long.
  private static let settling = Duration.milliseconds(200)

  /// Writes to a socket until the kernel takes not one byte more, now and after a wait.
  ///
  /// - Throws: `ETIMEDOUT` if it still takes some at the deadline.
  init(of socket: borrowing StreamSocket, until deadline: Deadline) throws(SystemError) {
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
        // A socket that is writable again may still refuse, until there is room for much: hence the try after it.
        isSettled = try !Self.waitForRoom(in: socket)
        size = Self.largestWrite
      }
    }
    throw SystemError(.send(to: "\(socket.remote)"), .timedOut)
  }

  private static func send(
    _ count: Int, of zeros: [UInt8], to socket: borrowing StreamSocket
  ) throws(SystemError) -> Transfer {
    do {
      return try .send(to: socket.number, from: zeros.span.extracting(first: count))
    } catch {
      throw SystemError(.send(to: "\(socket.remote)"), error)
    }
  }

  /// Waits for a while; `false` if no room was reported.
  private static func waitForRoom(in socket: borrowing StreamSocket) throws(SystemError) -> Bool {
    try !socket.number.wait(for: .writable, until: .after(settling)).isEmpty
  }
}
