// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The time limits of a connection.
package struct ConnectionLimits: Equatable, Sendable {
  /// The longest time without a byte in either direction.
  package var idle: Duration?
  /// The deadline for the whole transfer.
  package var deadline = Deadline.never

  /// Creates limits without effect.
  package init() {}
}
