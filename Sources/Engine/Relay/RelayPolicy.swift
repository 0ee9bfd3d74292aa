// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import Transport

/// The options of a relay where tools differ: which directions it has, and when it ends.
package struct RelayPolicy: Equatable, Sendable {
  /// Which directions carry bytes.
  package enum Directions: Equatable, Sendable {
    /// Both at once.
    case both
    /// Received bytes are discarded.
    case sendOnly
    /// Input is not read, and its end is not passed on.
    case receiveOnly
  }

  /// Which directions carry bytes.
  package var directions = Directions.both
  /// Whether the end of input half-closes the connection.
  package var halfCloses = true
  /// Whether the end of input half-closes the connection even if the input has had no byte and the peer may still send.
  /// Not for a connection whose end is that of both directions: an input that is merely unused must not cut off the peer.
  package var halfClosesUnused = true
  /// How long to wait for the peer after the end of input; `nil` for as long as it takes.
  package var quitAfter: Duration?
  /// Whether the relay ends as soon as the peer's bytes are written, even if bytes are left to send.
  package var quitsOnPeerEnd = false
  /// Whether the input is not waited for any more once the peer has ended; the bytes that it has are still sent.
  package var stopsInputOnPeerEnd = false
  /// How long to wait for the input once the peer has sent something and ended, if the input has never had a byte: it
  /// may be open but unused. `nil` for as long as it takes.
  package var inputWait: Duration?
  /// Whether the relay ends in order, instead of with a failure, when nothing has moved for the idle time and nothing is
  /// left to send.
  package var endsInOrderWhenIdle = false
  /// Whether the relay ends in order when the reader of the output closes it after the end of input, although the peer
  /// sends nothing; otherwise that is found out by the next bytes to write.
  package var endsWithReader = false
  /// How much is received before the relay ends in order; `nil` for no limit.
  package var receiveLimit: ReceiveLimit?
  /// Whether the output is left open at the end of the peer's bytes, because it is a terminal or others use it later.
  package var leavesOutputOpen = false

  /// Creates the policy of a relay without options.
  package init() {}
}

/// The time limits of a connection.
package struct ConnectionLimits: Equatable, Sendable {
  /// The longest time without a byte in either direction.
  package var idle: Duration?
  /// The deadline for the whole transfer.
  package var deadline = Deadline.never

  /// Creates limits without effect.
  package init() {}
}
