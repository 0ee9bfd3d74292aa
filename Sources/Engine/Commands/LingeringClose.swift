// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// When a connection may be closed whose command has ended.
///
/// One that is half-closed by now ends in order. To close it while bytes arrive that are unread resets it, and takes from the peer what it has not received yet.
/// So they are read and discarded until the peer has finished too, or has been silent for a while; and the system is
/// given time to hand over what the command wrote. One that is to be reset waits for that alone.
package struct LingeringClose: Equatable, Sendable {
  /// How long a peer is listened to that says nothing more.
  package static let silence = Duration.seconds(1)
  /// How long a peer is listened to that does not stop, or waited for while it takes nothing.
  package static let limit = Duration.seconds(30)

  private let isHalfClosed: Bool
  private var end: Deadline
  private var silenceEnd: Deadline
  private var hasPeerFinished = false
  /// Whether the peer's system has confirmed everything.
  package private(set) var isDelivered = false
  private var leastUnconfirmed = Int.max
  private var isBroken = false
  private var nextCheck: Deadline
  private var pause = Duration.milliseconds(1)

  /// Begins when the command has ended.
  ///
  /// - Parameter isHalfClosed: Whether the connection is half-closed; it is to be reset otherwise.
  package init(at now: Deadline, isHalfClosed: Bool = true) {
    self.isHalfClosed = isHalfClosed
    end = now + Self.limit
    silenceEnd = now + Self.silence
    nextCheck = now
  }

  /// Bytes came from the peer.
  package mutating func didReceive(at now: Deadline) { silenceEnd = now + Self.silence }
  /// The peer has finished sending.
  package mutating func didFinish() { hasPeerFinished = true }
  /// The connection broke.
  package mutating func didBreak() { isBroken = true }

  /// The peer's system was asked how much it has not confirmed.
  ///
  /// - Parameter unconfirmed: In bytes; the half-close counts as one.
  package mutating func didCheck(unconfirmed: Int, at now: Deadline) {
    // A peer that has finished may have closed, and then nobody confirms the half-close.
    isDelivered = unconfirmed <= (isHalfClosed && hasPeerFinished ? 1 : 0)
    if unconfirmed < leastUnconfirmed { end = now + Self.limit }
    leastUnconfirmed = min(leastUnconfirmed, unconfirmed)
    nextCheck = now + pause
    pause = min(pause * 2, .milliseconds(50))
  }

  /// Whether the peer may still send.
  package var mayReceive: Bool { !hasPeerFinished }
  /// Whether it is time to ask how much is not confirmed.
  package func isCheckDue(at now: Deadline) -> Bool { !isDelivered && nextCheck <= now }
  /// Whether the connection may be closed.
  package func isOver(at now: Deadline) -> Bool {
    isBroken || end <= now || (isDelivered && (!isHalfClosed || hasPeerFinished || silenceEnd <= now))
  }
  /// When something is due next.
  package var deadline: Deadline { min(end, isDelivered ? silenceEnd : nextCheck) }
}
