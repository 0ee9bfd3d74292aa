// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Transport

struct SendingConversionTests {
  private static func convert(_ pieces: [[UInt8]], lineEnds: Bool, telnet: Bool) -> [UInt8] {
    var conversion = SendingConversion(convertsLineEnds: lineEnds, speaksTelnet: telnet)
    var result: [UInt8] = []
    for piece in pieces { conversion.convert(piece.span, into: &result) }
    conversion.complete(into: &result)
    return result
  }

  @Test func `line ends are converted before telnet sees them, however the bytes are cut`() {
    let bytes: [UInt8] = [10, 13, 10, 13, 65, 255, 10, 13]
    for pieces in everyCut(of: bytes) {
      #expect(
        Self.convert(pieces, lineEnds: true, telnet: true)
          == [13, 10, 13, 10, 13, 0, 65, 255, 255, 13, 10, 13, 0], "\(pieces)")
    }
  }

  @Test func `without either every byte stays as it is`() {
    let bytes = (0...255).map { UInt8($0) }
    #expect(Self.convert([bytes], lineEnds: false, telnet: false) == bytes)
  }
}
