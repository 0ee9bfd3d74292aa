// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The limit for lines that remote peers cause without `-v`: a few per minute, and then a count of the others.
struct LogRateLimit {
  private var end = Deadline.now
  private var count = 0

  private static let most = 10
  private static let period = Duration.seconds(60)

  /// What is done with one more line.
  enum Verdict: Equatable {
    /// It is shown, after a note about the number of lines that were not.
    case shown(after: Int)
    /// It is counted.
    case counted
  }

  /// Counts one more line.
  mutating func take() -> Verdict {
    count += 1
    if end.hasPassed {
      let missed = max(0, count - 1 - Self.most)
      end = .after(Self.period)
      count = 1
      return .shown(after: missed)
    }
    return count > Self.most ? .counted : .shown(after: 0)
  }
}
