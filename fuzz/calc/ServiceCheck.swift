// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import FuzzSupport
import Sockets

/// Sends bytes to the calculation service, and sees whether all that it answers is right.
enum ServiceCheck {
  /// Small, so that it is reached.
  private static let operandLimit = 256
  /// What a result may have: two texts as long as that.
  private static let resultLimit = 2 * operandLimit
  /// An operand that is complete, another that is not in a buffer that grew in powers of two, and what they are kept in.
  private static let memoryLimit = 4 * operandLimit + 512
  private static let service = CalculatorService(operandLimit: operandLimit)

  /// Stops the program if the answers to requests are wrong, or depend on the pieces that they come in.
  static func check(_ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    let (whole, cut) = (client(bytes, in: .whole), client(bytes, in: pieces))
    precondition(whole.answer == cut.answer, "the answer depends on the pieces that the requests come in")
    precondition(whole.isOver == cut.isOver, "the end depends on the pieces that the requests come in")
    precondition(
      HeldMemory.count(in: whole.session) <= memoryLimit
        && HeldMemory.count(in: cut.session) <= memoryLimit,
      "more memory is held than an operand may have")
    check(whole.answer, to: Array(bytes), isOver: whole.isOver, limits: (operandLimit, resultLimit))
  }

  /// Stops the program if answers are not those that requests should have, one each.
  ///
  /// - Parameters:
  ///   - isOver: Whether the server has ended the session.
  ///   - limits: The longest payloads of an operand and of a result.
  static func check(
    _ answers: [UInt8], to requests: [UInt8], isOver: Bool, limits: (operand: Int, result: Int)
  ) {
    var requests = WireReader(requests, operandLimit: limits.operand)
    var answers = WireReader(answers, operandLimit: limits.result)
    do throws(WireReader.Fault) {
      while true {
        let request = try requests.request()
        AnswerCheck.check(response(&answers), to: request)
      }
    } catch {
      precondition(isOver == (error != .incomplete), "the session ends where it should not, or does not end")
      if error == .malformed {
        precondition(!response(&answers).isResult, "what the protocol does not allow has a result")
      }
      precondition(answers.isAtEnd, "there are more answers than requests")
    }
  }

  private static func response(_ answers: inout WireReader) -> WireResponse {
    do throws(WireReader.Fault) { return try answers.response() } catch {
      preconditionFailure("an answer is \(error)")
    }
  }

  private static func client(
    _ bytes: ArraySlice<UInt8>, in pieces: Pieces
  ) -> Client<CalculatorService.Session> {
    var client = Client(service.makeSession(for: .unnamed))
    client.send(bytes, in: pieces)
    client.end(.finishes)
    return client
  }
}
