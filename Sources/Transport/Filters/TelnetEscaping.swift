// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Bytes made fit to be sent over telnet: 255 is doubled, and a CR that no LF follows is followed by a NUL (RFC 854).
///
/// It adds bytes and changes none, and holds none back: the NUL goes before the byte that shows it to be needed, so
/// that somebody who sends a CR and waits is not kept waiting.
package struct TelnetEscaping: Equatable, Sendable {
  private var followsReturn = false

  /// Creates the escaping at the beginning of a stream.
  package init() {}

  /// Takes the next byte of the stream.
  ///
  /// - Returns: What has to go before it: what the CR before lacked, and the escape of the byte itself.
  package mutating func additions(before byte: UInt8) -> (UInt8?, UInt8?) {
    let null = followsReturn && byte != ASCII.lineFeed ? TelnetCode.null : nil
    followsReturn = byte == ASCII.carriageReturn
    return (null, byte == TelnetCode.command ? TelnetCode.command : nil)
  }

  /// Whether the stream cannot end here, nor a command be put in, without what `complete()` adds.
  package var isIncomplete: Bool { followsReturn }

  /// Ends the stream, or interrupts it for a command.
  ///
  /// - Returns: The byte that has to go first, if one has to.
  package mutating func complete() -> UInt8? {
    defer { followsReturn = false }
    return followsReturn ? TelnetCode.null : nil
  }

  /// Adds the next bytes of the stream to a result, escaped.
  package mutating func escape(_ bytes: Span<UInt8>, into result: inout [UInt8]) {
    for index in bytes.indices {
      let (null, command) = additions(before: bytes[index])
      if let null { result.append(null) }
      if let command { result.append(command) }
      result.append(bytes[index])
    }
  }
}
