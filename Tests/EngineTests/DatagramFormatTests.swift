// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct DatagramFormatTests {
  private static let source = Address.internet(.ipv4([192, 0, 2, 1]), port: 4000)

  private func written(_ format: any DatagramFormat, _ payload: [UInt8]) throws -> String {
    let batch = try DatagramBatch(over: .ipv4)
    let nothing: [UInt8] = []
    try batch.append(payload.span, nothing.span)
    try batch.direct(0..<1, to: Self.source)
    var output: [UInt8] = []
    format.write(batch, at: 0, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test func `text is one line with the sender's address, safe for a terminal`() throws {
    let format = TextDatagramFormat()
    #expect(try written(format, Array("hello".utf8)) == "[192.0.2.1] hello\n")
    #expect(try written(format, Array("hello\n".utf8)) == "[192.0.2.1] hello\n")
    #expect(try written(format, Array("two\nlines\n\n".utf8)) == "[192.0.2.1] two\\x0alines\\x0a\n")
    #expect(try written(format, [0x1B, 0x5B, 0xC3, 0xBC, 0xFF, 0xC3]) == "[192.0.2.1] \\x1b[ü\\xff\\xc3\n")
    #expect(try written(format, []) == "[192.0.2.1] \n")
  }

  @Test func `raw is the payload and nothing else`() throws {
    #expect(try written(RawDatagramFormat(), Array("a\n\u{1B}".utf8)) == "a\n\u{1B}")
  }

  @Test func `a hex dump has offsets, sixteen bytes a line, and what is printable`() throws {
    let payload = (0..<18).map { UInt8($0 + 0x1E) }
    #expect(
      try written(HexDatagramFormat(), payload) == """
        192.0.2.1:4000: 18 bytes
        00000000  1e 1f 20 21 22 23 24 25  26 27 28 29 2a 2b 2c 2d  |.. !"#$%&'()*+,-|
        00000010  2e 2f                                             |./|

        """)
    #expect(try written(HexDatagramFormat(), []) == "192.0.2.1:4000: 0 bytes\n")
    #expect(try written(HexDatagramFormat(), [1]).hasPrefix("192.0.2.1:4000: 1 byte\n"))
  }
}
