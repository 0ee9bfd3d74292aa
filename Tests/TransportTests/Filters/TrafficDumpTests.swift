// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Text
import Transport

struct TrafficDumpTests {
  private var dump = TrafficDump()

  private mutating func lines(_ bytes: [UInt8], _ direction: TrafficDirection, at time: Int64 = 0) -> [String]
  {
    dump.lines(of: bytes.span, direction, at: time)
  }

  @Test mutating func `a line has direction, time, offset, bytes and text`() {
    let result = lines(Array("GET / HTTP/1.0\r\n\r\n".utf8), .sent, at: 1_000_000_001_234_567_890)
    #expect(
      result == [
        "> 2001-09-09T01:46:41.234567Z 00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 30 0d 0a  |GET / HTTP/1.0..|",
        "> 2001-09-09T01:46:41.234567Z 00000010  0d 0a                                             |..|",
      ])
  }

  @Test mutating func `each direction has its own offset`() {
    let first = lines([1, 2, 3], .sent)[0]
    let other = lines([4], .received)[0]
    let next = lines([5], .sent)[0]
    #expect(first.hasPrefix("> 1970-01-01T00:00:00.000000Z 00000000  01 "))
    #expect(other.hasPrefix("< 1970-01-01T00:00:00.000000Z 00000000  04 "))
    #expect(next.hasPrefix("> 1970-01-01T00:00:00.000000Z 00000003  05 "))
  }

  @Test mutating func `no byte reaches the terminal as itself unless it is printable ASCII`() {
    let result = lines((0...255).map { UInt8($0) }, .received)
    #expect(result.count == 16)
    #expect(result.joined().utf8.allSatisfy { (0x20..<0x7F).contains($0) })
  }

  @Test(arguments: [(0xFFFF_FFFF, "ffffffff  00"), (0x12_3456_789A, "123456789a  00")])
  func `an offset beyond 4 GiB has as many digits as it needs`(offset: Int, beginning: String) {
    let bytes: [UInt8] = [0]
    let line = HexDump.lines(of: bytes.span, from: offset)[0]
    #expect(line.hasPrefix(beginning))
  }

  @Test func `a plain dump has the offset in each piece, the bytes, and the text without blanks`() {
    var dump = TrafficDump(label: "[peer] ", format: .plain)
    let lines = dump.lines(of: Array("hello world, \u{7F}\0~!".utf8).span, .sent, at: 0)
    #expect(
      lines == [
        "0000   68 65 6c 6c 6f 20 77 6f  72 6c 64 2c 20 7f 00 7e  hello.world,...~",
        "0010   21                                                !               ",
      ])
    #expect(dump.lines(of: [0x41].span, .received, at: 0)[0].hasPrefix("0000   41 "))
  }
}
