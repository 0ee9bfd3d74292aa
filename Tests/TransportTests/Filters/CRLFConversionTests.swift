// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Transport

struct CRLFConversionTests {
  private static func convert(_ pieces: [[UInt8]]) -> [UInt8] {
    var conversion = CRLFConversion()
    var result: [UInt8] = []
    for piece in pieces { conversion.convert(piece.span, into: &result) }
    return result
  }

  @Test(arguments: [
    ("", ""), ("\n", "\r\n"), ("a\nb", "a\r\nb"), ("a\r\nb", "a\r\nb"), ("\n\n", "\r\n\r\n"), ("\r", "\r"),
    ("\r\r\n", "\r\r\n"), ("\r\n\n", "\r\n\r\n"), ("\ra\n", "\ra\r\n"), ("\n\r\n\r", "\r\n\r\n\r"),
  ])
  func `an LF becomes CRLF unless it is one, however the bytes are cut`(text: String, converted: String) {
    for pieces in everyCut(of: Array(text.utf8)) {
      #expect(Self.convert(pieces) == Array(converted.utf8), "\(pieces)")
    }
  }

  @Test func `every other byte stays as it is`() {
    let others = (0...255).map { UInt8($0) }.filter { $0 != 10 }
    #expect(Self.convert([others]) == others)
  }
}
