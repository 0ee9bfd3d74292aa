// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// Tab completion out of a closure, in place of readline's own of file names.
enum Completion {
  /// Touched on the main thread alone, by what readline calls.
  nonisolated(unsafe) private static var completions: (String, String) -> [String] = { _, _ in [] }
  /// The words that readline has not asked for yet.
  nonisolated(unsafe) private static var rest: ArraySlice<String> = []

  /// Lets readline complete words by a closure, which is given the text before a word and the word.
  static func install(_ completions: @escaping (String, String) -> [String]) {
    unsafe self.completions = completions
    unsafe rl_attempted_completion_function = { word, start, _ in
      // Nothing else is tried where there is nothing to complete to.
      rl_attempted_completion_over = 1
      guard let word = unsafe word else { return nil }
      let line = unsafe Array(UnsafeBufferPointer(start: rl_line_buffer, count: Int(start)))
      let before = String(decoding: line.map(UInt8.init(bitPattern:)), as: UTF8.self)
      unsafe Completion.rest = Completion.completions(before, String(cString: word))[...]
      return unsafe rl_completion_matches(word) { _, _ in
        // Readline frees what it is given.
        unsafe Completion.rest.popFirst().flatMap { unsafe strdup($0) }
      }
    }
  }
}
