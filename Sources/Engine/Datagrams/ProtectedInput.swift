// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Transport

/// The messages of received datagrams that sessions protect.
///
/// A datagram may hold several messages, and none at all during a handshake.
final class ProtectedInput {
  /// How the reading of a datagram's messages has ended.
  enum Ending {
    /// All were read.
    case drained
    /// The peer has ended the session.
    case ended
    /// The session has failed, and has reported it.
    case failed(IOFailure)
  }

  private let records: DatagramBatch
  private var message = [UInt8](repeating: 0, count: longestMessage)
  private var next = 0
  /// The session that has taken the next datagram; `nil` if none has yet.
  private var reading: (any DatagramSession)?

  private static let longestMessage = 16 << 10

  /// - Throws: `ENOMEM`.
  init(over family: AddressFamily) throws(IOFailure) { records = try DatagramBatch(over: family) }

  /// Whether there are datagrams whose messages were not all read.
  var isPending: Bool { next < records.count }

  /// Receives messages, at most `limit`, which may be 0 to complete a handshake; they replace the contents of the batch.
  ///
  /// - Parameters:
  ///   - receive: Receives datagrams into a batch; returns whether any were received.
  ///   - take: Passes a datagram to its session, and returns that; `nil` if it has none.
  ///   - finish: Called once all messages of a datagram were read.
  /// - Returns: Whether there are any, or would be with more room.
  func receive(
    into batch: DatagramBatch, limit: Int,
    from receive: (DatagramBatch) throws(IOFailure) -> Bool,
    take: (DatagramBatch, Int) -> (any DatagramSession)?,
    finish: (any DatagramSession, DatagramBatch, Int, Ending) -> Void
  ) throws(IOFailure) -> Bool {
    batch.removeAll()
    let room = min(limit, batch.capacity)
    // The messages of one call are of one socket, which answers are sent from.
    while batch.count == 0 {
      if !isPending {
        next = 0
        records.removeAll()
        guard try receive(records) else { return false }
      }
      while isPending {
        reading = reading ?? take(records, next)
        if let reading {
          guard let ending = read(reading, into: batch, room) else { return true }
          finish(reading, records, next, ending)
        }
        reading = nil
        next += 1
      }
    }
    return true
  }

  private func readMessage(of session: any DatagramSession) throws(IOFailure) -> Transfer {
    func read(_ message: inout [UInt8]) throws(IOFailure) -> Transfer {
      var buffer = message.mutableSpan
      return try session.read(into: &buffer)
    }
    return try read(&message)
  }

  /// - Returns: How the datagram has ended; `nil` if there is no room for more messages.
  private func read(_ session: any DatagramSession, into batch: DatagramBatch, _ room: Int) -> Ending? {
    // Until the handshake is complete there are none, and there is no need of room.
    do throws(IOFailure) {
      guard try session.handshake() == .done else { return .drained }
    } catch {
      return .failed(error)
    }
    while batch.count < room {
      do throws(IOFailure) {
        switch try readMessage(of: session) {
        case .moved(let count):
          let bytes = message
          // Shorter than the datagram that it was in, which fitted.
          try? batch.append(bytes.span.extracting(first: count), receivedAs: next, of: records)
        case .wouldBlock: return .drained
        case .endOfStream: return .ended
        }
      } catch {
        return .failed(error)
      }
    }
    return nil
  }
}
