// SPDX-License-Identifier: GPL-3.0-or-later

/// Formats bytes as a hex dump: offset, sixteen bytes in hexadecimal, and those that are printable ASCII.
package enum HexDump {
  /// Where programs differ.
  package struct Layout: Equatable, Sendable {
    /// The minimum number of digits of the offset.
    let offsetDigits: Int
    /// The number of blanks behind the offset.
    let gap: Int
    /// Whether the text is between bars; otherwise it is as wide as that of a whole line.
    let isFramed: Bool
    /// The first byte that is shown as text.
    let firstShown: UInt8

    /// `00000000  68 65 6c 6c 6f  …  |hello|`.
    package static let usual = Layout(offsetDigits: 8, gap: 2, isFramed: true, firstShown: 0x20)
    /// `0000   68 65 6c 6c 6f  …  hello           `, as `ncat` shows it, in whose text a blank is a dot.
    package static let ncat = Layout(offsetDigits: 4, gap: 3, isFramed: false, firstShown: 0x21)
  }

  private static let width = 16
  private static let digits = Array("0123456789abcdef".utf8)

  /// The lines of a dump, without newlines.
  package static func lines(
    of bytes: Span<UInt8>, from offset: Int = 0, _ layout: Layout = .usual
  ) -> [String] {
    stride(from: 0, to: bytes.count, by: width).map { start in
      line(bytes.extracting(start..<min(start + width, bytes.count)), at: offset + start, layout)
    }
  }

  private static func line(_ bytes: Span<UInt8>, at offset: Int, _ layout: Layout) -> String {
    let (blank, bar, dot) = (UInt8(ascii: " "), UInt8(ascii: "|"), UInt8(ascii: "."))
    var line: [UInt8] = []
    // Beyond 4 GiB, eight digits are not enough.
    let highest = max(4 * layout.offsetDigits - 4, (Int.bitWidth - 1 - offset.leadingZeroBitCount) / 4 * 4)
    for shift in stride(from: highest, through: 0, by: -4) { line.append(digits[offset >> shift & 15]) }
    for index in 0..<width {
      let gap = index == 0 ? layout.gap : index % 8 == 0 ? 2 : 1
      line += repeatElement(blank, count: gap)
      line +=
        index < bytes.count
        ? [digits[Int(bytes[index] >> 4)], digits[Int(bytes[index] & 15)]] : [blank, blank]
    }
    line += [blank, blank]
    if layout.isFramed { line.append(bar) }
    for index in bytes.indices {
      line.append((layout.firstShown..<0x7F).contains(bytes[index]) ? bytes[index] : dot)
    }
    if layout.isFramed { line.append(bar) } else { line += repeatElement(blank, count: width - bytes.count) }
    return String(decoding: line, as: UTF8.self)
  }
}
