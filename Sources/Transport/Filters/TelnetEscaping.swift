// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Escapes bytes for telnet: 255 is doubled, and a CR without a following LF is followed by a NUL (RFC 854).
///
/// It only inserts bytes: it changes none and holds none back. The NUL is inserted before the byte that makes it
/// necessary, so a CR at the end of the available bytes is sent without delay.
package struct TelnetEscaping: Equatable, Sendable {
  private var followsReturn = false

  /// Creates the escaping at the beginning of a stream.
  package init() {}

  /// Processes the next byte of the stream.
  ///
  /// - Returns: The bytes to insert before it: the NUL after an earlier CR, and the escape of the byte itself.
  package mutating func additions(before byte: UInt8) -> (UInt8?, UInt8?) {
    let null = followsReturn && byte != ASCII.lineFeed ? TelnetCode.null : nil
    followsReturn = byte == ASCII.carriageReturn
    return (null, byte == TelnetCode.command ? TelnetCode.command : nil)
  }

  /// Whether the stream cannot end, nor a command be inserted, here without the byte that `complete()` returns.
  package var isIncomplete: Bool { followsReturn }

  /// Ends the stream, or interrupts it for a command.
  ///
  /// - Returns: The byte to insert first, if any.
  package mutating func complete() -> UInt8? {
    defer { followsReturn = false }
    return followsReturn ? TelnetCode.null : nil
  }

  /// Appends the next bytes of the stream to a result, escaped.
  package mutating func escape(_ bytes: Span<UInt8>, into result: inout [UInt8]) {
    for index in bytes.indices {
      let (null, command) = additions(before: bytes[index])
      if let null { result.append(null) }
      if let command { result.append(command) }
      result.append(bytes[index])
    }
  }
}
