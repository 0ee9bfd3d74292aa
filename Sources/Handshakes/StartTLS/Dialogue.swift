// SPDX-License-Identifier: GPL-3.0-or-later

/// How a client asks for TLS in one protocol.
protocol Dialogue: Sendable {
  /// What is sent before anything is received.
  var opening: [UInt8] { get }

  /// Takes what is complete, such as lines or packets, off the front of what was received.
  ///
  /// - Parameter output: What is to be sent is appended to it.
  /// - Returns: Whether the server has accepted; what is left of the input has followed the acceptance.
  mutating func advance(
    _ input: inout ArraySlice<UInt8>, _ output: inout [UInt8]
  ) throws(DialogueFailure) -> Bool
}

/// Why there is no TLS.
enum DialogueFailure: Error, Equatable {
  /// The server has refused, in these words.
  case refused([UInt8])
  /// The server has said that it has no TLS.
  case notOffered
  /// These bytes are not of the protocol; none if they are not text.
  case foreign([UInt8])
}
