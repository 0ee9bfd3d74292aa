// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Separates received telnet bytes into data and option negotiation; every option is declined (RFC 854, 855 and 1143).
///
/// A request is answered with a refusal and a refusal with nothing, so that two peers that decline do not answer each
/// other endlessly. It uses constant memory, however long the parameters of an option are, and the result does not
/// depend on how the bytes are cut into pieces.
package struct TelnetNegotiation: Equatable, Sendable {
  private enum State: Equatable {
    case data
    case command
    /// The next byte is an option; the answer is `nil` if none is due.
    case option(answer: UInt8?)
    case parameters
    case parametersCommand
  }

  private var state = State.data
  private var followsReturn = false

  /// Creates a negotiation at the beginning of a stream.
  package init() {}

  /// Processes the next bytes of the stream, and moves the data among them to the front.
  ///
  /// A command that is incomplete at the end of the stream is dropped.
  ///
  /// - Parameters:
  ///   - number: The number of bytes, at the start of a buffer.
  ///   - answers: The array to append answers to.
  /// - Returns: The number of data bytes.
  package mutating func receive(
    _ number: Int, of bytes: inout MutableSpan<UInt8>, answers: inout [UInt8]
  ) -> Int {
    var count = 0
    for index in 0..<number where receive(bytes[index], &answers) {
      bytes[count] = bytes[index]
      count += 1
    }
    return count
  }

  /// Processes a byte, and returns whether it is data.
  private mutating func receive(_ byte: UInt8, _ answers: inout [UInt8]) -> Bool {
    switch state {
    case .data:
      if byte != TelnetCode.command { return receiveData(byte) }
      state = .command
      return false
    case .command:
      state = .data
      if byte == TelnetCode.command { return receiveData(byte) }
      state = Self.state(after: byte)
      return false
    case .option(let answer):
      if let answer { answers += [TelnetCode.command, answer, byte] }
      state = .data
    case .parameters:
      if byte == TelnetCode.command { state = .parametersCommand }
    case .parametersCommand:
      // Any other command means that the end of the parameters is missing.
      state = byte == TelnetCode.command ? .parameters : Self.state(after: byte)
    }
    return false
  }

  /// A CR is passed on at once, and a NUL after it is removed.
  private mutating func receiveData(_ byte: UInt8) -> Bool {
    defer { followsReturn = byte == ASCII.carriageReturn }
    return !(followsReturn && byte == TelnetCode.null)
  }

  /// The state after 255 and the byte of a command.
  private static func state(after byte: UInt8) -> State {
    switch byte {
    case TelnetCode.will: .option(answer: TelnetCode.dont)
    case TelnetCode.do: .option(answer: TelnetCode.wont)
    case TelnetCode.wont, TelnetCode.dont: .option(answer: nil)
    case TelnetCode.subnegotiation: .parameters
    default: .data
    }
  }
}
