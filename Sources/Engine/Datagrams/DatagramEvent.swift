// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// An error while datagrams are received and answered that does not end the receiver.
package enum DatagramEvent: Sendable {
  /// Receiving failed with a transient error, and is paused.
  case receivingPaused(IOFailure)
  /// An answer could not be sent.
  case answerFailed(IOFailure)
  /// A peer is not answered for a while, because it may be a server that answers the answers.
  case loopSuspected(Address)
}
