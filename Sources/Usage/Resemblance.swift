// SPDX-License-Identifier: GPL-3.0-or-later

/// How words resemble each other that somebody may have mistyped.
enum Resemblance {
  /// The candidate that a word was most likely meant to be: with a third of its letters wrong at most, or else the only
  /// one that begins with it.
  static func closest(to word: String, among candidates: some Sequence<String>) -> String? {
    let sorted = candidates.sorted()
    let tolerance = max(1, word.count { $0 != "-" } / 3)
    let near = sorted.map { (candidate: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
    if let near, near.distance <= tolerance { return near.candidate }
    let longer = sorted.filter { word.count > 2 && $0.hasPrefix(word) }
    return longer.count == 1 ? longer[0] : nil
  }

  /// How many letters have to be inserted, removed, replaced, or swapped with their neighbour to make one word of the
  /// other: the optimal string alignment.
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
