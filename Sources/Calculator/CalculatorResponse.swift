// SPDX-License-Identifier: GPL-3.0-or-later

/// The response of a server to a request.
package enum CalculatorResponse: Equatable, Sendable {
  /// The operation's result.
  case result(CalculatorValue)
  /// The reason why there is no result, as a message.
  case failure(String)

  private static let resultStatus: UInt8 = 0
  private static let failureStatus: UInt8 = 1

  /// Appends the response in wire format.
  package func encode(into bytes: inout [UInt8]) {
    switch self {
    case .result(let value):
      bytes.append(Self.resultStatus)
      value.encode(into: &bytes)
    case .failure(let message):
      bytes.append(Self.failureStatus)
      CalculatorValue.text(message).encode(into: &bytes)
    }
  }

  /// Decodes responses from bytes that arrive in pieces of any size.
  package struct Decoder {
    /// More than the length of any message.
    private static let longestMessage = 64 << 10

    private var status: UInt8?
    private var operand = OperandDecoder()

    /// Creates a decoder without input.
    package init() {}

    /// Reads bytes from `index` on, and advances `index`.
    ///
    /// - Parameter limit: The maximum length of the result's payload in bytes, which follows from the request.
    /// - Returns: The response; `nil` if all bytes were read and it is incomplete.
    /// - Throws: A protocol violation, as early as possible: the rest cannot be read.
    package mutating func next(
      in bytes: Span<UInt8>, at index: inout Int, limit: Int
    ) throws(CalculatorProtocolError) -> CalculatorResponse? {
      guard index < bytes.count else { return nil }
      if status == nil {
        let byte = bytes[index]
        index += 1
        guard byte == CalculatorResponse.resultStatus || byte == CalculatorResponse.failureStatus else {
          throw .unknownStatus(byte)
        }
        status = byte
      }
      let isResult = status == CalculatorResponse.resultStatus
      guard
        let value = try operand.next(in: bytes, at: &index, limit: isResult ? limit : Self.longestMessage)
      else { return nil }
      status = nil
      if isResult { return .result(value) }
      guard case .text(let message) = value else { throw .messageIsNoText }
      return .failure(message)
    }
  }
}

extension CalculatorOperation {
  /// The maximum length of the payload of a result, in bytes.
  func longestResult(of left: CalculatorValue, _ right: CalculatorValue) -> Int {
    max(OperandType.wordSize, left.payloadLength + right.payloadLength)
  }

  /// Whether the protocol allows a result; it need not be the right one.
  func canResult(in result: CalculatorValue, of left: CalculatorValue, _ right: CalculatorValue) -> Bool {
    switch (left, right, result) {
    case (.text(let left), .text(let right), .text(let result)):
      self == .concatenate && result.utf8.count == left.utf8.count + right.utf8.count
    case (.text, _, _), (_, .text, _), (_, _, .text): false
    case (_, .integer(0), _) where self == .divide, (_, .double(0), _) where self == .divide: false
    case (.integer, .integer, .integer): self != .concatenate
    case (.integer, .integer, .double(let result)): self == .divide && result.isFinite
    case (_, _, .double(let result)): self != .concatenate && result.isFinite
    case (_, _, .integer): false
    }
  }
}
