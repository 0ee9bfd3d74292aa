// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

struct NegativeExpressionTests {
  private static func protected(_ line: String) -> [String] {
    NegativeExpression.protect(line.split(separator: " ").map(String.init))
  }

  @Test(arguments: ["-3+4", "-(1+2)", "-.5", "-\"a\"", "-4*2", "-4e3", "-46", "-6/3", "-0"])
  func `an expression that begins with a minus sign is no option`(word: String) {
    #expect(Self.protected("calc h 1 \(word) -v") == ["calc", "h", "1", " \(word)", "-v"])
    #expect(Self.protected("calc --verbose \(word)").last == " \(word)")
    #expect(Self.protected("calc -v4n \(word)").last == " \(word)")
    #expect(Self.protected("calc h 1 -3 \(word)").last == " \(word)")
  }

  @Test(arguments: ["-4", "-6", "-4v", "-6n", "-v", "--verbose", "-", "3-4", "-x"])
  func `options and other words are left alone`(word: String) {
    #expect(Self.protected("calc h 1 \(word)") == ["calc", "h", "1", word])
  }

  @Test func `values, what follows two dashes and other subcommands are left alone`() {
    for line in [
      "calc -w -3 h 1", "calc --retry -3 h 1", "calc -vw -3", "calc h 1 -- -3+4", "connect h -3+4", "-3",
    ] {
      #expect(Self.protected(line) == line.split(separator: " ").map(String.init))
    }
  }
}
