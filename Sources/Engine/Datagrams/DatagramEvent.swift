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
  /// The session with a peer has failed, most often in its handshake.
  case sessionFailed(IOFailure)
  /// A peer gets no session, because there are as many as the limit.
  case sessionRefused(Address, limit: Int)
  /// Datagrams of a peer were dropped, because what serves it does not read them: reported for the first one, and with
  /// the number of all at the end of its connection.
  case dropped(Int, from: Address)
}

/// An event while datagrams are sent that does not end the sending.
package enum DatagramSendingEvent: Equatable, Sendable {
  /// One of several addresses was given up for the next one.
  case attemptFailed(IOFailure)
  /// Datagrams no longer arrive; further ones are still sent.
  case failed(IOFailure)
  /// Datagrams to an address arrive again, as far as this can be determined.
  case recovered(Address)
  /// Standard input is cut into lines, but is not text.
  case inputIsNotText
}

/// The number of datagrams in one direction, and of their bytes.
package struct DatagramTally: Equatable, Sendable {
  /// The number of datagrams, including empty ones.
  package private(set) var datagrams = 0
  /// The number of payload bytes.
  package private(set) var bytes = 0

  /// Creates counters at zero.
  package init() {}

  /// Counts some datagrams of a batch.
  mutating func add(_ batch: DatagramBatch, _ range: Range<Int>) {
    datagrams += range.count
    for index in range { bytes += batch.length(at: index) }
  }
}
