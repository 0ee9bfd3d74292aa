// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// Tracks whether bytes that were sent earlier are still being delivered.
///
/// The kernel accepts megabytes at once, and a slow peer may take minutes to receive them: a connection on which no
/// call moves bytes is not necessarily idle.
package struct DeliveryProgress: Sendable {
  /// The number of bytes that the peer's system had acknowledged at the last check.
  private var acknowledged = 0
  /// The number of bytes that the peer had not received at the last check, for sockets without `TCP_INFO`; `nil` before
  /// the first.
  private var queued: Int?

  /// Creates the state before the first check.
  package init() {}

  /// The latest time at which the peer's system is known to have accepted bytes that it had not accepted at the last
  /// check; costs one `getsockopt`.
  ///
  /// - Returns: `nil` if it has accepted none since.
  package mutating func lastDelivery(over socket: FileDescriptor, at now: Deadline) -> Deadline? {
    guard let information = TCPInformation(of: socket) else { return lastReceipt(over: socket, at: now) }
    guard information.acknowledged > acknowledged else { return nil }
    acknowledged = information.acknowledged
    return now - information.sinceAcknowledgement
  }

  /// Of other sockets, only the number of bytes not yet received is known, or of the memory that they occupy, and not when
  /// the last ones were received.
  private mutating func lastReceipt(over socket: FileDescriptor, at now: Deadline) -> Deadline? {
    let before = queued
    let rest =
      (try? QueuedBytes.unsent(in: socket, to: ""))
      ?? (try? SocketMemory(of: socket).unacknowledged) ?? 0
    queued = rest
    return rest > 0 && before.map { rest < $0 } ?? true ? now : nil
  }
}
