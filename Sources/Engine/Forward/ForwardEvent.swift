// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Something that happened to a forwarded connection.
package enum ForwardEvent: Sendable {
  /// A client was accepted or refused, or the system lacks something to accept more.
  case reception(ServerEvent)
  /// One address of the target did not answer, while others are still to be tried.
  case attemptFailed(SystemError)
  /// A client has a connection to the target.
  case connected(client: Address, from: Address, to: Address)
  /// A client did not get one, and was reset.
  case failed(client: Address, Failure)
  /// A connection broke, or was given up; the reason in words.
  case broken(client: Address, String)
  /// A connection to the target ended: how many bytes it took from the client, and gave to it.
  case closed(client: Address, toTarget: Int, toClient: Int, duration: Duration)
}
