// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// What arrives over telnet, separated into the data and what is said about options, every one of which is declined
/// (RFC 854, 855 and 1143).
///
/// A wish is answered by a refusal and a refusal by nothing, so that two who decline do not do so for ever. No memory
/// is taken, however long the parameters of an option are, and the result is the same however the bytes are cut.
package struct TelnetNegotiation: Equatable, Sendable {
  private enum State: Equatable {
    case data
    case command
    /// An option comes next; the answer is `nil` where there is none.
    case option(answer: UInt8?)
    case parameters
    case parametersCommand
  }

  private var state = State.data
  private var followsReturn = false

  /// Creates a negotiation at the beginning of a stream.
  package init() {}

  /// Takes the next bytes of the stream, and moves the data among them to the front.
  ///
  /// A command that the stream ends within is dropped.
  ///
  /// - Parameters:
  ///   - number: How many bytes there are, at the beginning of a buffer.
  ///   - answers: Where to add what is to be sent back.
  /// - Returns: How many bytes are data.
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

  /// Whether a byte is data.
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
      // Any other command shows that the end was forgotten.
      state = byte == TelnetCode.command ? .parameters : Self.state(after: byte)
    }
    return false
  }

  /// A CR is passed on at once, and the NUL that may follow it is not.
  private mutating func receiveData(_ byte: UInt8) -> Bool {
    defer { followsReturn = byte == ASCII.carriageReturn }
    return !(followsReturn && byte == TelnetCode.null)
  }

  /// The state after 255 and the byte that says which command it is.
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
