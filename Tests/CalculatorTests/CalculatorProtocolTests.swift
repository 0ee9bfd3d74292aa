// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Foundation
import Testing

/// The examples of `docs/calc-protocol.md`, and the decoding of answers.
struct CalculatorProtocolTests {
  private static let three = "69 00 00 00 08 00 00 00 00 00 00 00 03"
  private static let four = "69 00 00 00 08 00 00 00 00 00 00 00 04"
  private static let large = "69 00 00 00 08 40 00 00 00 00 00 00 00"

  private static let examples = [
    ("01 \(three) \(four)", "00 69 00 00 00 08 00 00 00 00 00 00 00 07"),
    ("02 69 00 00 00 01 ff 69 00 00 00 01 7f", "00 69 00 00 00 08 ff ff ff ff ff ff ff 81"),
    ("01 \(large) \(large)", "00 69 00 00 00 09 00 80 00 00 00 00 00 00 00"),
    ("05 69 00 00 00 01 01 69 00 00 00 01 04", "00 64 00 00 00 08 3f d0 00 00 00 00 00 00"),
    (
      "04 64 00 00 00 08 40 04 00 00 00 00 00 00 69 00 00 00 01 02",
      "00 64 00 00 00 08 3f e0 00 00 00 00 00 00"
    ),
    ("03 73 00 00 00 03 6e c3 a9 73 00 00 00 01 65", "00 73 00 00 00 04 6e c3 a9 65"),
    (
      "05 69 00 00 00 01 01 69 00 00 00 01 00",
      "01 73 00 00 00 10 64 69 76 69 73 69 6f 6e 20 62 79 20 7a 65 72 6f"
    ),
    ("09", "01 73 00 00 00 10 75 6e 6b 6e 6f 77 6e 20 6f 70 63 6f 64 65 20 39"),
  ]

  private static func bytes(_ text: String) -> [UInt8] {
    text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
  }

  @Test(arguments: examples)
  func `the examples of the description are what the service does`(request: String, response: String) throws {
    var session = CalculatorServiceSession()
    session.send(Self.bytes(request))
    #expect(session.answers == Self.bytes(response))
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let text = try String(contentsOf: root.appending(path: "docs/calc-protocol.md"), encoding: .utf8)
    #expect(text.contains("    request   \(request)\n    response  \(response)\n"))
  }

  private static func response(_ bytes: [UInt8], limit: Int = 8) throws -> CalculatorResponse? {
    var decoder = CalculatorResponse.Decoder()
    var response: CalculatorResponse?
    for byte in bytes {
      var index = 0
      response = try decoder.next(in: [byte].span, at: &index, limit: limit)
    }
    return response
  }

  @Test func `an answer is read byte by byte`() throws {
    let message = try Self.response(CalculatorServiceSession.failure("a message"))
    #expect(message == .failure("a message"))
    #expect(try Self.response(Self.bytes("00 73 00 00 00 00")) == .result(.text("")))
    #expect(try Self.response(Self.bytes("00 69 00 00 00 02 80")) == nil)
    #expect(try Self.response(Self.bytes("00 69 00 00 00 02 80 00")) == .result(.integer(-32768)))
  }

  @Test(arguments: [
    ("02", CalculatorProtocolError.unknownStatus(2)), ("48", .unknownStatus(0x48)),
    ("00 48", .unknownType(0x48)), ("01 69 00 00 00 01 01", .messageIsNoText),
    ("00 73 00 00 00 09", .tooLong(9, limit: 8)), ("01 73 00 01 00 01", .tooLong(65_537, limit: 65_536)),
    ("00 64 00 00 00 04", .badLength(4, of: .double)), ("00 73 00 00 00 01 ff", .notUTF8),
  ])
  func `an answer that is none is found at its header`(
    bytes: String, error: CalculatorProtocolError
  ) {
    #expect(throws: error) { try Self.response(Self.bytes(bytes)) }
  }
}
