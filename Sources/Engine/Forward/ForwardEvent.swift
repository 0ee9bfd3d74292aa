// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// An event of a forwarded connection.
package enum ForwardEvent: Sendable {
  /// A client was accepted or refused, or the system lacks a resource to accept more.
  case reception(ServerEvent)
  /// An address of the target did not answer, while others are still to be tried.
  case attemptFailed(IOFailure)
  /// A client was connected to the target.
  case connected(client: Address, from: Address, to: Address)
  /// A client could not be connected to the target, and was reset.
  case failed(client: Address, Failure)
  /// A connection broke or was given up; with the reason in words.
  case broken(client: Address, String)
  /// A connection to the target ended, with the numbers of bytes that the target and the client accepted.
  case closed(client: Address, toTarget: Int, toClient: Int, duration: Duration)
}
