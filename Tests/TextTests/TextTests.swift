// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing
import Text

struct DurationFormatTests {
  @Test(arguments: [
    ("2", Duration.seconds(2)), ("0.5", .milliseconds(500)), ("500ms", .milliseconds(500)),
    ("2s", .seconds(2)),
    ("1m", .seconds(60)), ("1h", .seconds(3600)), ("0", .zero), (".5", .milliseconds(500)),
    ("14d", .seconds(14 * 86_400)), ("5m30s", .seconds(330)), ("1h0.5s", .milliseconds(3_600_500)),
    ("1d2h3m4s5ms", .milliseconds(93_784_005)),
  ])
  func `a duration is read in every unit`(_ text: String, _ duration: Duration) {
    #expect(DurationFormat.parse(text) == duration)
  }

  @Test(arguments: [
    "", "-1", "+1", "abc", "1w", "5m30", "30s5m", "1m1m", "5m 30s", "1m-1s", "1 s", "1e3", "nan", "inf",
    "0x10", "s", "ms", ".", "1.2.3", "99999999999h",
  ])
  func `anything else is no duration`(_ text: String) {
    #expect(DurationFormat.parse(text) == nil)
  }

  @Test func `a duration that is too long is told the longest`() {
    #expect(
      DurationFormat.expected(insteadOf: "9999999h")
        == "a duration of at most 36500d, which is a hundred years")
    #expect(DurationFormat.parse("36500d") != nil && DurationFormat.parse("36500d1s") == nil)
    #expect(DurationFormat.expected(insteadOf: "1w") == DurationFormat.accepted)
  }

  @Test(arguments: [
    (Duration.milliseconds(250), "250 ms"), (.seconds(10), "10 s"), (.milliseconds(1500), "1.50 s"),
    (.zero, "0 ms"),
  ])
  func `a duration is written for people`(_ duration: Duration, _ text: String) {
    #expect(DurationFormat.describe(duration) == text)
  }
}

struct SizeFormatTests {
  @Test(arguments: [
    ("4096", 4096), ("64K", 65_536), ("64k", 65_536), ("64KiB", 65_536), ("1M", 1 << 20), ("2G", 2 << 30),
    ("1T", 1 << 40), ("0", 0), ("1KB", 1024), ("10MB", 10 << 20), ("3mib", 3 << 20),
  ])
  func `a size is read in powers of 1024`(_ text: String, _ size: Int) {
    #expect(SizeFormat.parse(text) == size)
  }

  @Test(arguments: [
    "", "-1", "+1", "K", "1B", "iB", "4iB", "1.5M", "1KBB", "K1", "1 K", "9999999999G",
    "99999999999999999999",
  ])
  func `anything else is no size`(_ text: String) {
    #expect(SizeFormat.parse(text) == nil)
  }

  @Test func `a size with a fraction is told that there is none`() {
    #expect(
      SizeFormat.expected(insteadOf: "1.5M", ", at least 1")
        == "a size in bytes such as 4096, 64K, 1M or 2GiB, at least 1; fractions are not accepted")
    #expect(
      SizeFormat.expected(insteadOf: "M", ", at least 1")
        == "a size in bytes such as 4096, 64K, 1M or 2GiB, at least 1")
  }

  @Test(arguments: [
    (0.0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1_073_741_824, "1.0 GiB"), (5e15, "4547.5 TiB"),
  ])
  func `a size is written for people`(_ bytes: Double, _ text: String) {
    #expect(SizeFormat.describe(bytes) == text)
  }
}

struct DecimalsTests {
  @Test(arguments: [
    (0.0, 2, "0.00"), (1.005, 1, "1.0"), (9.999, 2, "10.00"), (0.05, 3, "0.050"), (12.6, 0, "13"),
  ])
  func `a number is rounded to its decimals`(_ number: Double, _ places: Int, _ text: String) {
    #expect(Decimals.text(number, places: places) == text)
  }
}

struct TerminalSafeTests {
  @Test(arguments: [
    ("plain text, ünïcödé 日本", "plain text, ünïcödé 日本"), ("\u{1B}[2J", "\\x1b[2J"),
    ("a\nb\rc", "a\\x0ab\\x0dc"),
    ("\u{202E}evil", "\\u{202e}evil"), ("\u{9B}31m", "\\x9b31m"), ("\u{7F}", "\\x7f"),
    ("\u{2028}", "\\u{2028}"),
    ("\u{200B}", "\\u{200b}"), ("a\tb", "a\tb"), ("👩‍💻 🏳️‍🌈 e\u{301}", "👩‍💻 🏳️‍🌈 e\u{301}"),
    ("نمی\u{200C}خواهم", "نمی\u{200C}خواهم"), ("pay\u{200D}pal", "pay\\u{200d}pal"),
    ("👩\u{200D}\u{200D}", "👩\u{200D}\\u{200d}"), ("\u{202E}\u{200D}", "\\u{202e}\\u{200d}"),
  ])
  func `what could attack a terminal is escaped, and nothing else`(_ text: String, _ escaped: String) {
    #expect(TerminalSafe.escape(text) == escaped)
  }
}

struct ColumnTests {
  @Test func `a cell is filled up on the other side`() {
    #expect(Column.left("ab", width: 4) == "ab  ")
    #expect(Column.right("12", width: 4) == "  12")
  }

  @Test func `a cell that is too wide stays whole`() {
    #expect(Column.left("abcde", width: 4) == "abcde")
    #expect(Column.right("12345", width: 4) == "12345")
  }
}

struct ParagraphTests {
  @Test(arguments: [
    ("", []), ("one", ["one"]), ("one two", ["one two"]), ("one two three", ["one two", "three"]),
    ("  one   two ", ["one two"]), ("a immeasurable b", ["a", "immeasurable", "b"]),
  ])
  func `words are put into lines of at most the width`(_ text: String, _ lines: [String]) {
    #expect(Paragraph.wrap(text, width: 7) == lines)
  }

  @Test func `escapes on the command line stand for bytes`() {
    #expect(TextEscapes.bytes(of: #"a\n\r\t\0\\\x1bz"#) == [97, 10, 13, 9, 0, 92, 0x1B, 122])
    #expect(TextEscapes.bytes(of: "") == [])
    #expect(TextEscapes.bytes(of: "ü") == [0xC3, 0xBC])
    #expect(TextEscapes.bytes(of: ByteText.text(of: [0xFF, 0x5C, 0x6E])) == [0xFF, 0x0A])
    for wrong in [#"\"#, #"\q"#, #"\x"#, #"\x1"#, #"\x+1"#, #"\xg0"#] {
      #expect(TextEscapes.bytes(of: wrong) == nil, "\(wrong)")
    }
  }

  @Test func `bytes that are not UTF-8 are escaped one by one`() {
    let bytes: [UInt8] = [0xE2, 0x82, 0xAC, 0xE2, 0x82, 0x41, 0xF0, 0x9F, 0x98, 0x80, 0xED, 0xA0, 0x80, 0xC0]
    #expect(TerminalSafe.escape(utf8: bytes.span) == "€\\xe2\\x82A😀\\xed\\xa0\\x80\\xc0")
  }

  @Test func `what stands for a byte is shown as that byte`() {
    let text = ByteText.text(of: [0x61, 0xFF, 0x1B])
    #expect(TerminalSafe.escape(text) == "a\\xff\\x1b")
    #expect(TerminalSafe.escapeBytes(text) == "a\\xff\u{1B}")
    // A peer's character that only resembles the substitute for a byte is shown as its bytes.
    #expect(TerminalSafe.escape(utf8: Array("\u{10FEFF}".utf8).span) == "\\xf4\\x8f\\xbb\\xbf")
  }

  @Test func `a moment is written in UTC to the microsecond`() {
    #expect(Timestamp.text(nanoseconds: 0) == "1970-01-01T00:00:00.000000Z")
    #expect(Timestamp.text(nanoseconds: 1_709_210_096_000_007_999) == "2024-02-29T12:34:56.000007Z")
  }

  @Test func `in JSON what could attack a terminal is written as JSON escapes`() {
    #expect(
      TerminalSafe.escapeJSON("{\"a\":\"ü\u{202E}\u{9B}\u{7F}\u{E0001}\"}")
        == #"{"a":"ü\u202e\u009b\u007f\udb40\udc01"}"#)
  }
}
