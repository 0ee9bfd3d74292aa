// SPDX-License-Identifier: GPL-3.0-or-later

/// Sees whether a response is what docs/calc-protocol.md says about the request, by other means than the service's.
struct AnswerCheck {
  private let opcode: UInt8
  private let left: WireOperand
  private let right: WireOperand
  private let response: WireResponse

  /// Stops the program if the response is wrong.
  static func check(_ response: WireResponse, to request: WireRequest) {
    let check = AnswerCheck(
      opcode: request.opcode, left: request.left, right: request.right, response: response)
    let isRight =
      switch (request.left.kind, request.right.kind) {
      case (.text, .text) where request.opcode == 3: check.isConcatenation
      case (.text, _), (_, .text): !response.isResult
      case (_, _) where request.opcode == 3: !response.isResult
      case (.integer, .integer): request.opcode == 5 ? check.isQuotient : check.isExact
      default: check.isDouble
      }
    precondition(isRight, "the answer to a request is wrong")
  }

  private var isConcatenation: Bool { isResult(.text, left.payload + right.payload) }

  private func isResult(_ kind: WireOperand.Kind, _ payload: [UInt8]) -> Bool {
    response.isResult && response.operand.kind == kind && response.operand.payload == payload
  }

  /// Whether it is the sum, the product or the difference of two integers, in the fewest bytes.
  private var isExact: Bool {
    let (left, right) = (PaperInteger(left.payload), PaperInteger(right.payload))
    let result: PaperInteger? =
      switch opcode {
      case 1: left + right
      case 2: left * right
      case 4: left - right
      default: nil
      }
    return result.map { isResult(.integer, $0.payload) } ?? false
  }

  /// Whether it is the integer that two others have for a quotient, or the nearest double if they have none.
  private var isQuotient: Bool {
    let (left, right) = (PaperInteger(left.payload), PaperInteger(right.payload))
    if right.isZero { return !response.isResult }
    if left.magnitude.isMultiple(of: right.magnitude) {
      return response.isResult && response.operand.kind == .integer
        && isResult(.integer, PaperInteger(response.operand.payload).payload)
        && (PaperInteger(response.operand.payload) * right - left).isZero
    }
    let double = response.operand.double
    guard response.isResult else {
      // What would be rounded to 2 to the power of 1024.
      return (right.magnitude * PaperInteger((1 << 54) - 1)) << 970 <= left.magnitude
    }
    return response.operand.kind == .double && double.isFinite
      && (double.sign == .minus) == (left.isNegative != right.isNegative)
      && Self.isNearest(double, left.magnitude, by: right.magnitude)
  }

  /// Whether a quotient lies between the middles on both sides of a double; on a middle only if the double is even.
  private static func isNearest(_ double: Double, _ dividend: PaperInteger, by divisor: PaperInteger) -> Bool
  {
    let isNormal = double.exponentBitPattern > 0
    let digits = UInt64(double.significandBitPattern) | (isNormal ? 1 << 52 : 0)
    // A quarter of the distance to the next double is counted as one.
    let place = max(Int(double.exponentBitPattern), 1) - 1075 - 2
    // Below a power of two the doubles lie twice as close.
    let isClose = digits == 1 << 52 && double.exponentBitPattern > 1
    let dividend = place < 0 ? dividend << -place : dividend
    let divisor = place < 0 ? divisor : divisor << place
    let above = divisor * PaperInteger(4 * digits + 2)
    guard dividend <= above, digits % 2 == 0 || dividend < above else { return false }
    guard digits > 0 else { return true }
    let below = divisor * PaperInteger(4 * digits - (isClose ? 1 : 2))
    return below <= dividend && (digits % 2 == 0 || below < dividend)
  }

  /// Whether it is what the processor makes of two numbers, one of which is a double.
  private var isDouble: Bool {
    let (left, right) = (Self.double(left), Self.double(right))
    var result = Double.nan
    switch opcode {
    case 1: result = left + right
    case 2: result = left * right
    case 4: result = left - right
    default: result = left / right
    }
    guard left.isFinite, right.isFinite, result.isFinite else { return !response.isResult }
    return response.isResult && response.operand.kind == .double
      && response.operand.double.bitPattern == result.bitPattern
  }

  private static func double(_ operand: WireOperand) -> Double {
    operand.kind == .double ? operand.double : PaperInteger(operand.payload).nearestDouble
  }
}
