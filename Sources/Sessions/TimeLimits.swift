// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// The time limits of a session, as durations that count from its start.
package struct TimeLimits: Equatable, Sendable {
  /// The longest time without a byte in either direction; `nil` for no limit.
  package var idle: Duration?
  /// The maximum total time; `nil` for no limit.
  package var total: Duration?

  /// Creates limits without effect.
  package init() {}

  /// The limits of a connection that begins now.
  func begin() -> ConnectionLimits {
    var limits = ConnectionLimits()
    limits.idle = idle
    limits.deadline = total.map(Deadline.after) ?? .never
    return limits
  }
}
