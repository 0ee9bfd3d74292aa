// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Converts LF to CRLF, as line-based protocols require. An LF after a CR stays as it is, however the bytes are cut
/// into pieces.
///
/// It only inserts bytes: it changes none and holds none back.
package struct CRLFConversion: Equatable, Sendable {
  private var followsReturn = false

  /// Creates a conversion at the beginning of a stream.
  package init() {}

  /// Processes the next byte of the stream.
  ///
  /// - Returns: The byte to insert before it, if any.
  package mutating func addition(before byte: UInt8) -> UInt8? {
    defer { followsReturn = byte == ASCII.carriageReturn }
    return byte == ASCII.lineFeed && !followsReturn ? ASCII.carriageReturn : nil
  }

  /// Appends the next bytes of the stream to a result, converted.
  package mutating func convert(_ bytes: Span<UInt8>, into result: inout [UInt8]) {
    for index in bytes.indices {
      if let addition = addition(before: bytes[index]) { result.append(addition) }
      result.append(bytes[index])
    }
  }
}
