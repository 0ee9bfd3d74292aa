// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// How long a session may take, as durations that count from its beginning.
package struct TimeLimits: Equatable, Sendable {
  /// The longest time without a byte in either direction; `nil` for no limit.
  package var idle: Duration?
  /// The longest time altogether; `nil` for no limit.
  package var total: Duration?

  /// Creates limits that limit nothing.
  package init() {}

  /// The limits of a connection that begins now.
  func begin() -> ConnectionLimits {
    var limits = ConnectionLimits()
    limits.idle = idle
    limits.deadline = total.map(Deadline.after) ?? .never
    return limits
  }
}
