// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct ByteTextTests {
  @Test func `every sequence of bytes has a text of its own, and comes back from it`() {
    var generator = SystemRandomNumberGenerator()
    // Bytes that begin and continue sequences, so that most of them are cut or wrong somewhere.
    let choice: [UInt8] = [
      0x41, 0x7F, 0x80, 0x8F, 0xBA, 0xBF, 0xC0, 0xC3, 0xE2, 0xED, 0xA0, 0xF0, 0xF4, 0xF5, 0xFF,
    ]
    var texts: [[UInt8]: String] = [:]
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...6, using: &generator)
      let bytes = (0..<count).map { _ in choice.randomElement(using: &generator) ?? 0 }
      let text = ByteText.text(of: bytes)
      #expect(ByteText.bytes(of: text) == bytes, "\(bytes)")
      #expect(ByteText.terminated(text) == bytes.map { CChar(bitPattern: $0) } + [0], "\(bytes)")
      texts[bytes] = text
    }
    // Compared by bytes: texts that are canonically equivalent in Unicode need not be the same.
    #expect(Set(texts.values.map { Array($0.utf8) }).count == texts.count)
  }

  @Test(arguments: ["", "plain", "ü😀\u{301}\n", "\u{E000}\u{F8FF}\u{10FE7F}\u{10FF00}\u{10FFFF}"])
  func `text is what it is`(text: String) {
    #expect(ByteText.text(of: Array(text.utf8)) == text)
    #expect(ByteText.bytes(of: text) == Array(text.utf8))
    #expect(ByteText.isText(text))
  }

  @Test func `the scalars that stand for bytes come through as the bytes they have in UTF-8`() {
    for scalar in ["\u{10FE80}", "\u{10FEFF}"] {
      let text = ByteText.text(of: Array("a\(scalar)b".utf8))
      #expect(text.unicodeScalars.count == 6 && !ByteText.isText(text))
      #expect(ByteText.bytes(of: text) == Array("a\(scalar)b".utf8))
    }
  }

  @Test func `a byte that is not UTF-8 is one scalar, whatever is beside it`() {
    let text = ByteText.text(of: [0x2D, 0xFF, 0x3D, 0xC3, 0x2F, 0xCC, 0x81])
    #expect(text.unicodeScalars.map { ByteText.byte(of: $0) } == [nil, 0xFF, nil, 0xC3, nil, nil])
    #expect(text.hasPrefix("-") && text.contains("="))
  }

  @Test(
    arguments: [
      ([0xC0, 0x80], 2), ([0xED, 0xA0, 0x80], 3), ([0x61, 0xF0, 0x9F, 0x98], 4),
      ([0xF0, 0x9F, 0x98, 0x61], 4),
      ([0xF5, 0x80, 0x80, 0x80], 4), ([0xE2, 0x82, 0xE2, 0x82, 0xAC], 3), ([0xF4, 0x90, 0x80, 0x80], 4),
    ] as [([UInt8], Int)])
  func `a sequence that is overlong, cut or no scalar is a scalar for each byte`(bytes: [UInt8], count: Int) {
    let text = ByteText.text(of: bytes)
    #expect(text.unicodeScalars.count == count && ByteText.bytes(of: text) == bytes)
  }
}
