// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// What can go wrong while datagrams are received and answered, without an end to it.
package enum DatagramEvent: Sendable {
  /// Receiving failed in a way that passes, and pauses.
  case receivingPaused(SystemError)
  /// An answer could not be sent.
  case answerFailed(SystemError)
  /// A peer is not answered for a moment, because it may be a server that answers the answers.
  case loopSuspected(Address)
}
