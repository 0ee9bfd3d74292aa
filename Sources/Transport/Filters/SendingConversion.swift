// SPDX-License-Identifier: GPL-3.0-or-later

/// The conversions of bytes to be sent: line endings first, then telnet.
///
/// They only insert bytes, each before a byte of the stream, so the number of sent bytes determines how much of the
/// stream has been sent.
package struct SendingConversion: Equatable, Sendable {
  private var lineEnds: CRLFConversion?
  private var telnet: TelnetEscaping?

  /// Creates a conversion at the beginning of a stream.
  package init(convertsLineEnds: Bool, speaksTelnet: Bool) {
    lineEnds = convertsLineEnds ? CRLFConversion() : nil
    telnet = speaksTelnet ? TelnetEscaping() : nil
  }

  /// Appends the next bytes of the stream to a result, converted.
  package mutating func convert(_ bytes: Span<UInt8>, into result: inout [UInt8]) {
    for index in bytes.indices { convert(bytes[index], into: &result) }
  }

  /// Appends the next byte of the stream to a result, after the bytes to insert before it.
  package mutating func convert(_ byte: UInt8, into result: inout [UInt8]) {
    if let addition = lineEnds?.addition(before: byte) { escape(addition, into: &result) }
    escape(byte, into: &result)
  }

  private mutating func escape(_ byte: UInt8, into result: inout [UInt8]) {
    if let (null, command) = telnet?.additions(before: byte) {
      if let null { result.append(null) }
      if let command { result.append(command) }
    }
    result.append(byte)
  }

  /// Whether the stream cannot end or be interrupted here without the bytes that `complete(into:)` appends.
  package var isIncomplete: Bool { telnet?.isIncomplete ?? false }

  /// Ends the stream, or interrupts it for bytes that are not part of it.
  package mutating func complete(into result: inout [UInt8]) {
    if let byte = telnet?.complete() { result.append(byte) }
  }
}
