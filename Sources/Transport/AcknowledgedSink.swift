// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What a `DeliveryCheck` queries about bytes that were sent.
package protocol AcknowledgedSink {
  /// The number of bytes that were sent but not yet acknowledged by the peer's system; 0 once the connection is reset.
  func unacknowledgedBytes() throws(IOFailure) -> Int
  /// The number of sent bytes that the peer's system has acknowledged, even after a reset; `nil` if they are not
  /// counted.
  func acknowledgedBytes() -> Int?
  /// The error of the connection that an earlier call or a wait reported.
  func takeError() throws(IOFailure) -> IOFailure.Reason?
  /// A failure to send to the peer.
  func writeError(_ reason: IOFailure.Reason) -> IOFailure
}
