// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Sends datagrams faster than they are read, and counts those that are kept and dropped.
struct DatagramFlood: Equatable {
  /// The number of datagrams sent.
  private(set) var sent = 0
  /// The number that could be read afterwards.
  private(set) var kept = 0
  /// The number that the kernel counted as dropped.
  let dropped: Int

  /// The payload of each, in bytes.
  static let size = 1024
  /// The number sent between two checks of the kernel's count.
  private static let round = 64
  /// The time without an arrival after which no more are expected.
  private static let settling = Duration.milliseconds(50)

  /// Sends until the kernel drops some, and reads those that it kept.
  ///
  /// - Throws: `ETIMEDOUT` if none is dropped before the deadline.
  init(through pair: borrowing DatagramPair, until deadline: Deadline) throws(IOFailure) {
    let zeros = [UInt8](repeating: 0, count: Self.size)
    repeat {
      for _ in 0..<Self.round { sent += try Self.send(zeros, through: pair) ? 1 : 0 }
      if deadline.hasPassed { throw IOFailure(.send(to: "\(pair.address)"), .timedOut) }
    } while try SocketMemory(of: pair.receiver).drops == 0
    var storage = zeros
    repeat {
      while try Self.receive(into: &storage, through: pair) { kept += 1 }
    } while try Self.waitForMore(from: pair)
    dropped = try SocketMemory(of: pair.receiver).drops
  }

  /// Sends one datagram; `false` if the send buffer is full, which does not happen on loopback.
  private static func send(
    _ datagram: [UInt8], through pair: borrowing DatagramPair
  ) throws(IOFailure) -> Bool {
    do {
      return try Transfer.send(to: pair.sender, from: datagram.span) == .moved(datagram.count)
    } catch {
      throw IOFailure(.send(to: "\(pair.address)"), error)
    }
  }

  /// Reads one datagram; `false` if none is available.
  private static func receive(
    into storage: inout [UInt8], through pair: borrowing DatagramPair
  ) throws(IOFailure) -> Bool {
    var buffer = storage.mutableSpan
    do {
      return try Transfer.receive(from: pair.receiver, into: &buffer) == .moved(size)
    } catch {
      throw IOFailure(.receive(from: "\(pair.address)"), error)
    }
  }

  /// Waits for a while for datagrams in transit; `false` if none arrived.
  private static func waitForMore(from pair: borrowing DatagramPair) throws(IOFailure) -> Bool {
    try !pair.receiver.wait(for: .readable, until: .after(settling)).isEmpty
  }
}
