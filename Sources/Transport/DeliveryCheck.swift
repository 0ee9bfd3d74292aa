// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Finds out whether the peer's system has acknowledged all that was sent. Nothing wakes a wait for that, so the kernel is
/// asked, less and less often.
package struct DeliveryCheck {
  /// When to ask next; `never` before the first time, and while that is due.
  package private(set) var next = Deadline.never
  private var pause = Duration.milliseconds(1)
  private static let longestPause = Duration.milliseconds(50)

  /// Creates a check that has not asked yet.
  package init() {}

  /// Takes note of the time.
  package mutating func noteTime(_ now: Deadline) {
    if next <= now { next = .never }
  }

  /// Asks, if it is time to.
  ///
  /// - Parameters:
  ///   - payloadEnd: How many bytes had been sent with the last payload. A connection that fails after these have arrived
  ///     has lost nothing but what was sent beside the payload.
  ///   - allowance: How many bytes need not be acknowledged: the half-close counts as one, which a peer that has closed may
  ///     never acknowledge.
  /// - Returns: Whether everything has arrived; `false` also where it is not time to ask.
  /// - Throws: Why it will not arrive.
  package mutating func isDelivered(
    over stream: any ByteStream, payloadEnd: Int?, allowance: Int, at now: Deadline
  ) throws(SystemError) -> Bool {
    guard next == .never || next <= now else { return false }
    if let code = try stream.takeError() {
      if let payloadEnd, let acknowledged = stream.acknowledgedBytes(), payloadEnd <= acknowledged {
        return true
      }
      throw stream.writeError(code)
    }
    if try stream.unacknowledgedBytes() <= allowance { return true }
    next = now + pause
    pause = min(pause * 2, Self.longestPause)
    return false
  }
}
