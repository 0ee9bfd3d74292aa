// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Transport

struct TelnetTests {
  private static let iac: UInt8 = 255
  private static let dont: UInt8 = 254
  private static let `do`: UInt8 = 253
  private static let wont: UInt8 = 252
  private static let will: UInt8 = 251
  private static let begin: UInt8 = 250
  private static let end: UInt8 = 240

  /// Received bytes, the data in them, and the answers.
  private static let arrivals: [([UInt8], [UInt8], [UInt8])] = [
    ([iac, will, 1, 65], [65], [iac, dont, 1]),
    ([65, iac, `do`, 31, 66], [65, 66], [iac, wont, 31]),
    ([iac, wont, 1, iac, dont, 3, 65], [65], []),
    ([iac, will, iac, 65], [65], [iac, dont, iac]),
    ([65, iac, iac, 66], [65, 255, 66], []),
    ([iac, 241, 65, iac, 249, 66], [65, 66], []),
    ([iac, begin, 24, 1, iac, end, 65], [65], []),
    ([iac, begin, 24, iac, iac, end, iac, end, 65], [65], []),
    ([iac, begin, 24, iac, will, 1, 65], [65], [iac, dont, 1]),
    ([13, 0, 65, 13, 10, 0], [13, 65, 13, 10, 0], []),
    ([13, iac, will, 1, 0, 65], [13, 65], [iac, dont, 1]),
    ([13, iac, iac, 0], [13, 255, 0], []),
    ([65, 13], [65, 13], []),
    ([65, iac], [65], []),
    ([iac, begin, 24, 65, 66], [], []),
  ]

  /// Sent data, and its encoding on the wire.
  private static let departures: [([UInt8], [UInt8])] = [
    ([65, 255, 66], [65, 255, 255, 66]), ([13], [13, 0]), ([13, 10], [13, 10]), ([13, 65], [13, 0, 65]),
    ([13, 13, 10], [13, 0, 13, 10]), ([13, 0], [13, 0, 0]), ([13, 255], [13, 0, 255, 255]), ([10], [10]),
  ]

  private static func receive(_ pieces: [[UInt8]]) -> (data: [UInt8], answers: [UInt8]) {
    var negotiation = TelnetNegotiation()
    var (data, answers): ([UInt8], [UInt8]) = ([], [])
    for piece in pieces {
      var buffer = piece
      var space = buffer.mutableSpan
      let count = negotiation.receive(piece.count, of: &space, answers: &answers)
      data += buffer.prefix(count)
    }
    return (data, answers)
  }

  private static func escape(_ pieces: [[UInt8]]) -> [UInt8] {
    var escaping = TelnetEscaping()
    var result: [UInt8] = []
    for piece in pieces { escaping.escape(piece.span, into: &result) }
    if let byte = escaping.complete() { result.append(byte) }
    return result
  }

  @Test(arguments: arrivals)
  func `commands are kept out of the data and wishes declined, however the bytes are cut`(
    bytes: [UInt8], data: [UInt8], answers: [UInt8]
  ) {
    for pieces in everyCut(of: bytes) {
      let result = Self.receive(pieces)
      #expect(result.data == data && result.answers == answers, "\(pieces)")
    }
  }

  @Test func `what declines is not answered, so that two who do so come to an end`() {
    let wishes = (0...255).flatMap { [Self.iac, Self.will, UInt8($0), Self.iac, Self.do, UInt8($0)] }
    let answers = Self.receive([wishes]).answers
    #expect(answers.count == wishes.count)
    #expect(Self.receive([answers]).answers.isEmpty)
  }

  @Test(arguments: departures)
  func `what is sent is escaped, however the bytes are cut`(bytes: [UInt8], escaped: [UInt8]) {
    for pieces in everyCut(of: bytes) { #expect(Self.escape(pieces) == escaped, "\(pieces)") }
  }

  @Test func `every pair of bytes arrives as it was sent`() {
    let bytes = (0...255).flatMap { first in (0...255).flatMap { [UInt8(first), UInt8($0)] } }
    let result = Self.receive([Self.escape([bytes])])
    #expect(result.data == bytes && result.answers.isEmpty)
  }

  @Test func `a CR is sent at once, and what it lacks before anything else`() {
    var escaping = TelnetEscaping()
    var result: [UInt8] = []
    escaping.escape([13].span, into: &result)
    #expect(result == [13] && escaping.isIncomplete)
    #expect(escaping.complete() == 0 && escaping.complete() == nil)
    escaping.escape([10].span, into: &result)
    #expect(result == [13, 10])
  }
}
