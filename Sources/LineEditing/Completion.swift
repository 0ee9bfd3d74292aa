// SPDX-License-Identifier: GPL-3.0-or-later

@unsafe @preconcurrency import CReadline
import Glibc

/// Tab completion by a closure instead of readline's own completion of file names.
enum Completion {
  /// Accessed on the main thread only, by readline's callbacks.
  nonisolated(unsafe) private static var completions: (String, String) -> [String] = { _, _ in [] }
  /// The completions that readline has not fetched yet.
  nonisolated(unsafe) private static var rest: ArraySlice<String> = []

  /// Makes readline complete words by a closure, which receives the text before a word and the word.
  static func install(_ completions: @escaping (String, String) -> [String]) {
    unsafe self.completions = completions
    unsafe rl_attempted_completion_function = { word, start, _ in
      // If there is no completion, readline must not fall back to file names.
      rl_attempted_completion_over = 1
      guard let word = unsafe word else { return nil }
      let line = unsafe Array(UnsafeBufferPointer(start: rl_line_buffer, count: Int(start)))
      let before = String(decoding: line.map(UInt8.init(bitPattern:)), as: UTF8.self)
      unsafe Completion.rest = Completion.completions(before, String(cString: word))[...]
      return unsafe rl_completion_matches(word) { _, _ in
        // Readline frees each string.
        unsafe Completion.rest.popFirst().flatMap { unsafe strdup($0) }
      }
    }
  }
}
