// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Determines when a connection whose command has ended may be closed (lingering close).
///
/// A half-closed connection ends in order. Closing it while unread bytes arrive would reset it, and the peer would lose
/// what it has not received yet. So bytes are read and discarded until the peer has finished too, or has been silent
/// for a while, and the system is given time to deliver the command's output. For a connection that will be reset, only
/// that delivery is awaited.
package struct LingeringClose: Equatable, Sendable {
  /// The time for which a silent peer is read from.
  package static let silence = Duration.seconds(1)
  /// The time for which a peer is read from that does not stop sending, or waited for while it receives nothing.
  package static let limit = Duration.seconds(30)

  private let isHalfClosed: Bool
  private var end: Deadline
  private var silenceEnd: Deadline
  private var hasPeerFinished = false
  /// Whether the peer's system has acknowledged everything.
  package private(set) var isDelivered = false
  private var leastUnconfirmed = Int.max
  private var isBroken = false
  private var nextCheck: Deadline
  private var pause = Duration.milliseconds(1)

  /// Starts when the command has ended.
  ///
  /// - Parameter isHalfClosed: Whether the connection is half-closed; otherwise it will be reset.
  package init(at now: Deadline, isHalfClosed: Bool = true) {
    self.isHalfClosed = isHalfClosed
    end = now + Self.limit
    silenceEnd = now + Self.silence
    nextCheck = now
  }

  /// Bytes were received from the peer.
  package mutating func didReceive(at now: Deadline) { silenceEnd = now + Self.silence }
  /// The peer has finished sending.
  package mutating func didFinish() { hasPeerFinished = true }
  /// The connection broke.
  package mutating func didBreak() { isBroken = true }

  /// The number of unacknowledged bytes was queried.
  ///
  /// - Parameter unconfirmed: The number of bytes; the half-close counts as one.
  package mutating func didCheck(unconfirmed: Int, at now: Deadline) {
    // A peer that has finished may have closed, and then the half-close is never acknowledged.
    isDelivered = unconfirmed <= (isHalfClosed && hasPeerFinished ? 1 : 0)
    if unconfirmed < leastUnconfirmed { end = now + Self.limit }
    leastUnconfirmed = min(leastUnconfirmed, unconfirmed)
    nextCheck = now + pause
    pause = min(pause * 2, .milliseconds(50))
  }

  /// Whether the peer may still send.
  package var mayReceive: Bool { !hasPeerFinished }
  /// Whether the number of unacknowledged bytes must be queried.
  package func isCheckDue(at now: Deadline) -> Bool { !isDelivered && nextCheck <= now }
  /// Whether the connection may be closed.
  package func isOver(at now: Deadline) -> Bool {
    isBroken || end <= now || (isDelivered && (!isHalfClosed || hasPeerFinished || silenceEnd <= now))
  }
  /// The time of the next action.
  package var deadline: Deadline { min(end, isDelivered ? silenceEnd : nextCheck) }
}
