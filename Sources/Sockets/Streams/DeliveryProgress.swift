// SPDX-License-Identifier: GPL-3.0-or-later

package import SystemPackage

/// Finds out whether bytes that were sent a while ago are still being delivered.
///
/// The kernel takes megabytes at once, which a slow peer may receive for minutes: a connection on which no call moves
/// anything is not idle for that.
package struct DeliveryProgress: Sendable {
  /// The bytes that the peer's system had acknowledged at the last check.
  private var acknowledged = 0
  /// The bytes that the peer had not received at the last check, for sockets without `TCP_INFO`; `nil` before the first.
  private var queued: Int?

  /// Creates the state before the first check.
  package init() {}

  /// The last moment, as far as it is known, at which the peer's system took bytes that it had not taken at the last look:
  /// one `getsockopt`.
  ///
  /// - Returns: `nil` if it has taken none since.
  package mutating func lastDelivery(over socket: FileDescriptor, at now: Deadline) -> Deadline? {
    guard let information = TCPInformation(of: socket) else { return lastReceipt(over: socket, at: now) }
    guard information.acknowledged > acknowledged else { return nil }
    acknowledged = information.acknowledged
    return now - information.sinceAcknowledgement
  }

  /// Of a Unix socket it is known what the peer has not received, and not since when.
  private mutating func lastReceipt(over socket: FileDescriptor, at now: Deadline) -> Deadline? {
    let before = queued
    let rest = (try? QueuedBytes.unsent(in: socket, to: "")) ?? 0
    queued = rest
    return rest > 0 && before.map { rest < $0 } ?? true ? now : nil
  }
}
