// SPDX-License-Identifier: GPL-3.0-or-later

/// What a server answers to a request.
package enum CalculatorResponse: Equatable, Sendable {
  /// The operation's result.
  case result(CalculatorValue)
  /// Why there is none, for people.
  case failure(String)

  private static let resultStatus: UInt8 = 0
  private static let failureStatus: UInt8 = 1

  /// Appends the response as it goes over the wire.
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

  /// Puts responses together from bytes that arrive in any pieces.
  package struct Decoder {
    /// Longer than any message for a person.
    private static let longestMessage = 64 << 10

    private var status: UInt8?
    private var operand = OperandDecoder()

    /// Creates a decoder that has seen nothing.
    package init() {}

    /// Takes in bytes from `index` on, which moves behind what was taken in.
    ///
    /// - Parameter limit: The most bytes that the result's payload can have, which follows from the request.
    /// - Returns: The response; `nil` once all bytes are taken in and it is not complete.
    /// - Throws: What the protocol does not allow, as early as it can be known: the rest cannot be read.
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
  /// The most bytes that the payload of a result can have.
  func longestResult(of left: CalculatorValue, _ right: CalculatorValue) -> Int {
    max(OperandType.wordSize, left.payloadLength + right.payloadLength)
  }

  /// Whether a result is one that the protocol allows: it does not say whether it is the right one.
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
