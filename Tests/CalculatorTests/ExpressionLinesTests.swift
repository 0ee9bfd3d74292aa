// SPDX-License-Identifier: GPL-3.0-or-later

import Calculator
import Testing

struct ExpressionLinesTests {
  private static func lines(of bytes: [UInt8], pieces: Int) -> [ExpressionLines.Line] {
    var lines = ExpressionLines()
    var result: [ExpressionLines.Line] = []
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      lines.append(bytes[start..<min(start + pieces, bytes.count)].span)
      while let line = lines.next() { result.append(line) }
    }
    lines.end()
    while let line = lines.next() { result.append(line) }
    return result
  }

  @Test(arguments: [1, 2, 5, 100])
  func `lines are counted, and blank ones passed over`(pieces: Int) {
    let lines = Self.lines(of: Array("1+1\n\n \t\r\n2\r\nend".utf8), pieces: pieces)
    #expect(lines.map(\.number) == [1, 4, 5])
    #expect(lines.map(\.bytes) == [Array("1+1".utf8), Array("2\r".utf8), Array("end".utf8)])
    #expect(Self.lines(of: [], pieces: pieces).isEmpty)
  }

  @Test(arguments: [1000, 1 << 20, 5 << 20])
  func `a line that is too long is one without bytes, and the next is there`(pieces: Int) {
    let longest = [UInt8](repeating: 0x31, count: ExpressionLines.longest)
    for more in [1, 3 << 20] {
      let long = longest + [UInt8](repeating: 0x31, count: more)
      let lines = Self.lines(of: long + [0x0A] + longest + [0x0A, 0x32], pieces: pieces)
      #expect(lines.map(\.number) == [1, 2, 3])
      #expect(lines.map { $0.bytes?.count } == [nil, longest.count, 1])
    }
  }
}
