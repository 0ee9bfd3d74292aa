// SPDX-License-Identifier: GPL-3.0-or-later

/// The answers to requests, read by docs/calc-protocol.md out of bytes that are all there.
struct StrictAnswers {
  /// Those up to the first that is incomplete or wrong.
  private var responses: [WireResponse] = []
  /// Whether the next one is wrong; `nil` if it is incomplete, so that this may be known or not.
  private var isWrong: Bool? = false

  /// Reads answers.
  init(_ answers: [UInt8], to requests: [UInt8]) {
    var (requests, answers) = (
      WireReader(requests, operandLimit: .max), WireReader(answers, operandLimit: .max)
    )
    while !answers.isAtEnd {
      do throws(WireReader.Fault) {
        let response = try answers.response()
        guard let request = try? requests.request(), Self.canAnswer(response, request) else {
          isWrong = true
          return
        }
        responses.append(response)
      } catch {
        isWrong = error == .malformed ? true : nil
        return
      }
    }
  }

  /// Stops the program if a client makes something else of the answers.
  ///
  /// - Parameters:
  ///   - isRefused: Whether the client has refused one of them.
  ///   - outcomes: The outcomes of calculations with one request.
  ///   - requests: The places of their requests.
  func check(isRefused: Bool, _ outcomes: [Int: WireResponse], of requests: [Int: Int]) {
    precondition(isWrong.map { $0 == isRefused } ?? true, "a wrong answer is accepted, or a right one is not")
    for (label, outcome) in outcomes {
      guard let request = requests[label], request < responses.count else {
        preconditionFailure("a calculation has an outcome without an answer")
      }
      precondition(Self.isSame(outcome, responses[request]), "an outcome is not the answer")
    }
  }

  /// Whether a response is possible for a request; a result need not be right.
  private static func canAnswer(_ response: WireResponse, _ request: WireRequest) -> Bool {
    guard response.isResult else { return response.operand.payload.count <= 64 << 10 }
    let (left, right, result) = (request.left, request.right, response.operand)
    let total = left.payload.count + right.payload.count
    guard result.payload.count <= max(8, total) else { return false }
    if request.opcode == 3 || left.kind == .text || right.kind == .text {
      return request.opcode == 3 && [left.kind, right.kind, result.kind].allSatisfy { $0 == .text }
        && result.payload.count == total
    }
    let isZero = right.kind == .double ? right.double == 0 : PaperInteger(right.payload).isZero
    if request.opcode == 5, isZero { return false }
    switch result.kind {
    case .text: return false
    case .integer: return left.kind == .integer && right.kind == .integer
    case .double:
      let areIntegers = left.kind == .integer && right.kind == .integer
      return result.double.isFinite && (!areIntegers || request.opcode == 5)
    }
  }

  private static func isSame(_ first: WireResponse, _ second: WireResponse) -> Bool {
    guard first.isResult == second.isResult, first.operand.kind == second.operand.kind else { return false }
    guard first.operand.kind == .integer else { return first.operand.payload == second.operand.payload }
    return (PaperInteger(first.operand.payload) - PaperInteger(second.operand.payload)).isZero
  }
}
