// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// How a hub ended.
package enum HubOutcome: Equatable, Sendable {
  /// In order; of a hub for one client, its connection did.
  case finished
  /// The connection of the only client, or the reply to it, broke.
  case failed(SystemError)
  /// No byte went either way between the hub and its only client for as long as was allowed.
  case idle(Address)
  /// It took longer altogether than was allowed.
  case late
  /// Nobody came in time.
  case nobody
  /// A signal asked a hub for one client to end.
  case interrupted(by: CInt)
  /// The time to finish was over before so many bytes could be written to standard output.
  case unwritten(Int)
}
