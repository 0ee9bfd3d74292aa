// SPDX-License-Identifier: GPL-3.0-or-later

import Netcat
import Testing

struct BoundedNumberTests {
  @Test(arguments: [("0", 0), ("+7", 7), ("-1", -1), (" 9", 9), ("\n\r\n\u{B}9", 9), ("00012", 12)])
  func `a number is read`(text: String, value: Int) throws {
    #expect(try BoundedNumber.parse(text, in: -1...100) == value)
  }

  @Test(arguments: ["", "-", "+", "x", "1x", "1 ", "0x1", "1.5", "--1", "٣"])
  func `anything else is invalid`(text: String) {
    #expect(throws: BoundedNumber.Problem.invalid) { try BoundedNumber.parse(text, in: 0...100) }
  }

  @Test func `bounds hold, for any number of digits`() {
    #expect(throws: BoundedNumber.Problem.tooSmall) { try BoundedNumber.parse("-1", in: 0...100) }
    #expect(throws: BoundedNumber.Problem.tooLarge) { try BoundedNumber.parse("101", in: 0...100) }
    #expect(throws: BoundedNumber.Problem.tooLarge) {
      try BoundedNumber.parse(String(repeating: "9", count: 40), in: 0...100)
    }
    #expect(throws: BoundedNumber.Problem.tooSmall) {
      try BoundedNumber.parse("-" + String(repeating: "9", count: 40), in: 0...100)
    }
  }
}
