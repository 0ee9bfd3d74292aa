// SPDX-License-Identifier: GPL-3.0-or-later

/// What a user wants of a relay where tools differ: which directions it has, and when it ends.
package struct RelayPolicy: Equatable, Sendable {
  /// Which directions carry bytes.
  package enum Directions: Equatable, Sendable {
    /// Both at once.
    case both
    /// What arrives is discarded.
    case sendOnly
    /// Input is not read, and nothing is said about its end.
    case receiveOnly
  }

  /// Which directions carry bytes.
  package var directions = Directions.both
  /// Whether the end of input half-closes the connection.
  package var halfCloses = true
  /// How long to wait for the peer after the end of input; `nil` for as long as it takes.
  package var quitAfter: Duration?
  /// Whether the relay ends as soon as the peer's bytes are written out, whatever is left to send.
  package var quitsOnPeerEnd = false
  /// How long the input is awaited once the peer has ended, having sent something, while the input has never brought a
  /// byte: it may be open and unused. `nil` for as long as it takes.
  package var inputWait: Duration?
  /// Whether a person types the input, who is not asked for more once the peer has ended.
  package var isInputTerminal = false
  /// Whether a person reads the output, which is then left open.
  package var isOutputTerminal = false

  /// Creates the policy of a relay without options.
  package init() {}
}
