// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

struct ShellWordsTests {
  private static let problem =
    "each word is a separate expression: quote one with spaces or '*', as in '2 * 3'"

  @Test(arguments: [
    (["2", "file", "3"], problem), (["2", "+", "3"], problem), (["2", "3", "*"], problem),
    (["2 + 3", "x"], nil),
    (["file"], nil), ([], nil),
  ])
  func `an expression without quotes is recognized`(expressions: [String], problem: String?) {
    #expect(ShellWords.problem(of: expressions) { $0 == "file" } == problem)
  }
}
