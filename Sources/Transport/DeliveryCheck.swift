// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Checks whether the peer's system has acknowledged everything that was sent. No event reports that, so the kernel is
/// polled, less and less often.
package struct DeliveryCheck {
  /// When to check next; `never` before the first check, and while one is due.
  package private(set) var next = Deadline.never
  /// The time by which the peer's system must acknowledge more; `never` without a limit.
  package private(set) var end = Deadline.never
  private let limit: Duration?
  private var leastUnacknowledged = Int.max
  private var pause = Duration.milliseconds(1)
  private static let longestPause = Duration.milliseconds(50)

  /// Creates a check that has not been made yet.
  ///
  /// - Parameter limit: How long the peer's system may acknowledge nothing, from now on; `nil` for no limit.
  package init(limit: Duration? = nil, from now: Deadline = .now) {
    self.limit = limit
    didProgress(at: now)
  }

  /// Notes the current time.
  package mutating func noteTime(_ now: Deadline) {
    if next <= now { next = .never }
  }

  /// Starts the limit again: bytes have moved.
  package mutating func didProgress(at now: Deadline) {
    if let limit { end = now + limit }
  }

  /// Ends the limit: nothing more will be acknowledged.
  package mutating func giveUp(at now: Deadline) { end = now }

  /// Checks, if a check is due.
  ///
  /// - Parameters:
  ///   - sink: Where the bytes were sent to.
  ///   - payloadEnd: The number of bytes sent up to the end of the last payload. A connection that fails after these
  ///     were acknowledged has lost only bytes besides the payload; `nil` if that is not known.
  ///   - allowance: The number of bytes that need not be acknowledged: the half-close counts as one, which a peer that
  ///     has closed may never acknowledge.
  /// - Returns: Whether everything has been acknowledged; also `false` if no check is due.
  /// - Throws: The reason why it will not be acknowledged.
  package mutating func isDelivered(
    over sink: any AcknowledgedSink, payloadEnd: Int?, allowance: Int, at now: Deadline
  ) throws(IOFailure) -> Bool {
    guard next == .never || next <= now else { return false }
    if let reason = try sink.takeError() {
      if let payloadEnd, let acknowledged = sink.acknowledgedBytes(), payloadEnd <= acknowledged {
        return true
      }
      throw sink.writeError(reason)
    }
    let unacknowledged = try sink.unacknowledgedBytes()
    if unacknowledged <= allowance { return true }
    if unacknowledged < leastUnacknowledged { didProgress(at: now) }
    leastUnacknowledged = min(leastUnacknowledged, unacknowledged)
    next = now + pause
    pause = min(pause * 2, Self.longestPause)
    return false
  }
}
