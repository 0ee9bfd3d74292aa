// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// How long what is done over a connection may take.
package struct ConnectionLimits: Equatable, Sendable {
  /// The longest time without a byte either way.
  package var idle: Duration?
  /// When it has to be over altogether.
  package var deadline = Deadline.never

  /// Creates limits that limit nothing.
  package init() {}
}
