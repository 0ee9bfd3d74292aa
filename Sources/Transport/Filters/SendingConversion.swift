// SPDX-License-Identifier: GPL-3.0-or-later

/// What is done to bytes before they are sent: line ends first, then telnet.
///
/// All it does is to add bytes, each before one of the stream, so that what has been sent tells what of the stream
/// has gone.
package struct SendingConversion: Equatable, Sendable {
  private var lineEnds: CRLFConversion?
  private var telnet: TelnetEscaping?

  /// Creates a conversion at the beginning of a stream.
  package init(convertsLineEnds: Bool, speaksTelnet: Bool) {
    lineEnds = convertsLineEnds ? CRLFConversion() : nil
    telnet = speaksTelnet ? TelnetEscaping() : nil
  }

  /// Adds the next bytes of the stream to a result, converted.
  package mutating func convert(_ bytes: Span<UInt8>, into result: inout [UInt8]) {
    for index in bytes.indices { convert(bytes[index], into: &result) }
  }

  /// Adds the next byte of the stream to a result, after what has to go before it.
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

  /// Whether the stream cannot end here, nor be interrupted, without what `complete(into:)` adds.
  package var isIncomplete: Bool { telnet?.isIncomplete ?? false }

  /// Ends the stream, or interrupts it for what is no part of it.
  package mutating func complete(into result: inout [UInt8]) {
    if let byte = telnet?.complete() { result.append(byte) }
  }
}
