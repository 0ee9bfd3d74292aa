// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// How many lines strangers may cause that nobody asked to see: a few a minute, and then a count of the others.
struct LogRateLimit {
  private var end = Deadline.now
  private var count = 0

  private static let most = 10
  private static let period = Duration.seconds(60)

  /// What is to be done about one more line.
  enum Verdict: Equatable {
    /// It is shown, after word of so many that were not.
    case shown(after: Int)
    /// It is counted.
    case counted
  }

  /// Takes note of one more line.
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
