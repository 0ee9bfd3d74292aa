// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// How a hub ended.
package enum HubOutcome: Equatable, Sendable {
  /// In order; for a single client, its connection ended in order.
  case finished
  /// The connection of the only client, or the reply to it, broke.
  case failed(IOFailure)
  /// No byte was transferred in either direction between the hub and its only client within the idle time.
  case idle(Address)
  /// The hub exceeded its total time.
  case late
  /// No client connected in time.
  case nobody
  /// A signal requested the end of a hub for a single client.
  case interrupted(by: CInt)
  /// The grace period was over before this many bytes could be written to standard output.
  case unwritten(Int)
}
