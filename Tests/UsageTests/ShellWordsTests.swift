// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import Usage

struct ShellWordsTests {
  private static let problem =
    "each word is an expression of its own: one with spaces or '*' goes into quotes, as '2 * 3'"

  @Test(arguments: [
    (["2", "file", "3"], problem), (["2", "+", "3"], problem), (["2", "3", "*"], problem),
    (["2 + 3", "x"], nil),
    (["file"], nil), ([], nil),
  ])
  func `an expression without quotes is recognized`(expressions: [String], problem: String?) {
    #expect(ShellWords.problem(of: expressions) { $0 == "file" } == problem)
  }
}
