// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the word that a mistyped word resembles.
enum Resemblance {
  /// The most likely candidate for a word: one that differs in at most a third of the letters, or else the only one
  /// that begins with the word.
  static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let sorted = candidates.sorted()
    let tolerance = max(1, word.count { $0 != "-" } / 3)
    let near = sorted.map { (candidate: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
    if let near, near.distance <= tolerance { return near.candidate }
    let longer = sorted.filter { word.count > 2 && $0.hasPrefix(word) }
    return longer.count == 1 ? longer[0] : nil
  }

  /// The number of insertions, removals, replacements and swaps of neighbouring letters that turn one word into the
  /// other: the optimal string alignment distance.
  static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let isSame = left[row] == right[column]
        var best = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
