// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// What becomes of datagrams that are sent faster than anybody reads.
struct DatagramFlood: Equatable {
  /// How many were sent.
  private(set) var sent = 0
  /// How many could be read afterwards.
  private(set) var kept = 0
  /// How many the kernel counted as dropped.
  let dropped: Int

  /// The payload of each, in bytes.
  static let size = 1024
  /// How many are sent before the kernel's count is looked at again.
  private static let round = 64
  /// How long nothing must arrive before nothing more is expected.
  private static let settling = Duration.milliseconds(50)

  /// Sends until the kernel drops some, and reads those it kept.
  ///
  /// - Throws: `ETIMEDOUT` if nothing is dropped before the deadline.
  init(through pair: borrowing DatagramPair, until deadline: Deadline) throws(SystemError) {
    let zeros = [UInt8](repeating: 0, count: Self.size)
    repeat {
      for _ in 0..<Self.round { sent += try Self.send(zeros, through: pair) ? 1 : 0 }
      if deadline.hasPassed { throw SystemError(.send(to: "\(pair.address)"), .timedOut) }
    } while try SocketMemory(of: pair.receiver).drops == 0
    var storage = zeros
    repeat {
      while try Self.receive(into: &storage, through: pair) { kept += 1 }
    } while try Self.waitForMore(from: pair)
    dropped = try SocketMemory(of: pair.receiver).drops
  }

  /// Sends one datagram; `false` if the sender has no room for it now, which loopback does not let happen.
  private static func send(
    _ datagram: [UInt8], through pair: borrowing DatagramPair
  ) throws(SystemError) -> Bool {
    do {
      return try Transfer.send(to: pair.sender, from: datagram.span) == .moved(datagram.count)
    } catch {
      throw SystemError(.send(to: "\(pair.address)"), error)
    }
  }

  /// Reads one datagram; `false` if there is none now.
  private static func receive(
    into storage: inout [UInt8], through pair: borrowing DatagramPair
  ) throws(SystemError) -> Bool {
    var buffer = storage.mutableSpan
    do {
      return try Transfer.receive(from: pair.receiver, into: &buffer) == .moved(size)
    } catch {
      throw SystemError(.receive(from: "\(pair.address)"), error)
    }
  }

  /// Waits for a while for datagrams that are under way; `false` if none came.
  private static func waitForMore(from pair: borrowing DatagramPair) throws(SystemError) -> Bool {
    try !pair.receiver.wait(for: .readable, until: .after(settling)).isEmpty
  }
}
