// SPDX-License-Identifier: GPL-3.0-or-later

/// Formats bytes as a hex dump: offset, sixteen bytes in hexadecimal, and those that are printable ASCII.
package enum HexDump {
  private static let width = 16
  private static let digits = Array("0123456789abcdef".utf8)

  /// The lines of a dump, without newlines: `00000000  68 65 6c 6c 6f  …  |hello|`.
  package static func lines(of bytes: Span<UInt8>, from offset: Int = 0) -> [String] {
    stride(from: 0, to: bytes.count, by: width).map { start in
      line(bytes.extracting(start..<min(start + width, bytes.count)), at: offset + start)
    }
  }

  private static func line(_ bytes: Span<UInt8>, at offset: Int) -> String {
    var line: [UInt8] = []
    // Beyond 4 GiB, eight digits are not enough.
    let highest = max(28, (Int.bitWidth - 1 - offset.leadingZeroBitCount) / 4 * 4)
    for shift in stride(from: highest, through: 0, by: -4) { line.append(digits[offset >> shift & 15]) }
    for index in 0..<width {
      line += index % 8 == 0 ? [UInt8(ascii: " "), UInt8(ascii: " ")] : [UInt8(ascii: " ")]
      line +=
        index < bytes.count
        ? [digits[Int(bytes[index] >> 4)], digits[Int(bytes[index] & 15)]]
        : [UInt8(ascii: " "), UInt8(ascii: " ")]
    }
    line += "  |".utf8
    for index in bytes.indices {
      line.append((0x20..<0x7F).contains(bytes[index]) ? bytes[index] : UInt8(ascii: "."))
    }
    line.append(UInt8(ascii: "|"))
    return String(decoding: line, as: UTF8.self)
  }
}
