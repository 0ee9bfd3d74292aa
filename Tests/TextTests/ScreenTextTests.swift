// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Text

/// A peer's text on its way to a screen, however it is cut into pieces.
struct ScreenTextTests {
  private func taken(_ text: inout ScreenText, _ bytes: [UInt8]) -> String { text.take(bytes.span) }

  private func taken(_ text: inout ScreenText, _ string: String) -> String {
    taken(&text, Array(string.utf8))
  }

  @Test func `lines are handed out when they end, and the last one stays`() {
    var text = ScreenText()
    #expect(taken(&text, "one\ntwo\r\n\nlog") == "one\ntwo\n\n")
    #expect(taken(&text, "in: ") == "")
    #expect(text.unfinished == "login: ")
    #expect(taken(&text, "\n") == "login: \n")
    #expect(text.unfinished == "" && !text.isMidLine)
  }

  @Test func `a label in colour takes no columns, and is not repeated behind a part of its line`() {
    var text = ScreenText(label: "[peer] ", labelColor: .cyan)
    let label = "\u{1B}[36m[peer] \u{1B}[0m"
    #expect(taken(&text, "one\ntwo") == label + "one\n")
    #expect(text.takeRows(of: 11) == "")
    #expect(taken(&text, "three") == "")
    #expect(text.takeRows(of: 11) == label + "twot\n")
    #expect(taken(&text, "\nlast") == "hree\n")
    #expect(text.takeUnfinished() == label + "last")
    #expect(taken(&text, " one\n") == " one\n")
  }

  @Test func `each line has the label, and what goes on behind a part of it has not`() {
    var text = ScreenText(label: "[peer] ")
    #expect(taken(&text, "one\n\nhal") == "[peer] one\n[peer] \n")
    #expect(text.takeUnfinished() == "[peer] hal")
    #expect(text.isMidLine)
    #expect(taken(&text, "f\nnext") == "f\n")
    #expect(text.unfinished == "[peer] next")
    text.breakLine()
    #expect(taken(&text, "rest\n") == "[peer] rest\n")
  }

  @Test func `what gives a terminal orders or hides is written as an escape, and so is what is no text`() {
    var text = ScreenText()
    let bytes = Array("\u{1B}[31m \u{7} a\rb \u{202E}\u{200B} \u{7F}\u{0}\t\n".utf8)
    #expect(
      taken(&text, bytes) == "\\x1b[31m \\x07 a\\x0db \\u{202e}\\u{200b} \\x7f\\x00\t\n")
    #expect(taken(&text, [0xFF, 0x80, 0xC3, 0x0A]) == "\\xff\\x80\\xc3\n")
    #expect(taken(&text, [0xE4, 0xB8, 0xC3, 0xA4, 0xE0, 0x80, 0x80, 0x0A]) == "\\xe4\\xb8ä\\xe0\\x80\\x80\n")
  }

  @Test func `the same comes out byte by byte`() {
    let bytes = Array("ä中🙂\r\r\n\u{1B}x\r\n".utf8) + [0xE4, 0xB8, 0x41, 0xF0, 0x9F, 0x0D, 0x0A, 0xC3]
    var whole = ScreenText()
    var cut = ScreenText()
    var pieces = ""
    for byte in bytes { pieces += taken(&cut, [byte]) }
    #expect(pieces == taken(&whole, bytes))
    #expect(pieces == "ä中🙂\\x0d\n\\x1bx\n\\xe4\\xb8A\\xf0\\x9f\n")
    #expect(cut.unfinished == "" && cut.isMidLine)
    cut.finish()
    #expect(cut.unfinished == "\\xc3")
  }

  @Test func `a tab leads to the next multiple of eight columns, where that is wanted`() {
    var text = ScreenText(expandsTabs: true) { $0 == "中" ? 2 : 1 }
    #expect(taken(&text, "\tab\t中\t1234567\t|\n") == "        ab      中      1234567 |\n")
  }

  @Test func `joined emoji stay whole, byte by byte too, and a joiner in plain text is an escape`() {
    let family = "👨‍👩‍👧‍👦 ❤️‍🔥 e\u{301}"
    var text = ScreenText()
    var pieces = ""
    for byte in Array((family + "\npay\u{200D}pal\n\u{200D}\n").utf8) { pieces += taken(&text, [byte]) }
    #expect(pieces == family + "\npay\\u{200d}pal\n\\u{200d}\n")
  }

  @Test func `a line can be ended without a newline, and what follows is another`() {
    var text = ScreenText(label: "[peer] ")
    #expect(text.takeLine() == "")
    _ = taken(&text, "Hallo")
    #expect(text.takeLine() == "[peer] Hallo\n")
    #expect(!text.isMidLine)
    _ = taken(&text, "Welt")
    #expect(text.takeUnfinished() == "[peer] Welt")
    #expect(text.takeLine() == "\n")
    _ = taken(&text, [0xE4, 0xB8])
    #expect(text.takeLine() == "", "half a character waits for the rest")
    #expect(taken(&text, [0xAD, 0x0A]) == "[peer] 中\n")
  }

  @Test func `of a line that takes more than a row the full rows are handed out`() {
    var text = ScreenText(label: "> ") { $0 == "中" ? 2 : 1 }
    _ = taken(&text, "12345678中中中中中ab")
    #expect(text.takeRows(of: 10) == "> 12345678\n中中中中中\n")
    #expect(text.unfinished == "ab")
    #expect(text.takeRows(of: 10) == "")
    #expect(taken(&text, "cdefgh中中\n") == "abcdefgh中中\n")
    _ = taken(&text, "1234567中")
    #expect(text.takeRows(of: 10) == "> 1234567\n", "a wide character does not fit into the last column")
    #expect(text.unfinished == "中")
  }

  @Test func `what takes no columns does not make a line longer without end`() {
    var text = ScreenText { $0 == "\u{301}" ? 0 : 1 }
    let marks = String(repeating: "\u{301}", count: 10_000)
    var rows = ""
    for piece in ["a", marks, "b"] {
      rows += taken(&text, piece) + text.takeRows(of: 10)
      #expect(text.unfinished.utf8.count < 1000)
    }
    #expect(
      (rows + text.unfinished).filter { $0 != "\n" }.unicodeScalars.elementsEqual(
        ("a" + marks + "b").unicodeScalars))
  }

  @Test func `a line that ends with a row has no further row`() {
    var text = ScreenText()
    _ = taken(&text, "1234567890")
    #expect(text.takeRows(of: 5) == "12345\n67890\n")
    #expect(text.unfinished == "")
    #expect(taken(&text, "\nnext\n") == "next\n")
  }
}
