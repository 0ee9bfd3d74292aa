// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// How many bytes may be sent, and when, so that they are so many a second: a token bucket.
///
/// It counts all that was sent since one moment, so that no rounding adds up, and lets small pieces go often, so that
/// the stream is smooth. A delay of the sender is made up for if it was short; after a longer one the count begins
/// anew, because more would be a burst that nobody asked for.
package struct TokenBucket: Equatable, Sendable {
  /// Bytes a second, at least one.
  package let rate: Int
  /// What is sent at once: a fiftieth of a second.
  private let piece: Int
  /// What may have gathered: a tenth of a second.
  private let most: Int
  private let start: Deadline
  /// What was sent and what was forgone, which together may be more than an `Int` holds: the rate may be all of one.
  private var sent: Int128 = 0

  private static let nanosecondsPerSecond: Int128 = 1_000_000_000

  /// Creates a bucket that holds one piece.
  ///
  /// - Parameters:
  ///   - rate: Bytes a second, at least one.
  ///   - start: The moment from which on they are counted.
  package init(rate: Int, from start: Deadline = .now) {
    self.rate = rate
    self.start = start
    piece = max(1, rate / 50)
    most = max(1, rate / 10)
  }

  /// How many bytes may be sent at a moment; 0 or less for none.
  package func allowance(at moment: Deadline) -> Int {
    Int(clamping: min(Int128(most), credit(at: moment)))
  }

  /// When a whole piece may be sent.
  package var next: Deadline {
    guard sent > 0 else { return start }
    let nanoseconds = (sent * Self.nanosecondsPerSecond + Int128(rate) - 1) / Int128(rate)
    return start + .nanoseconds(Int64(clamping: nanoseconds))
  }

  /// Takes note that bytes were sent at a moment.
  package mutating func didSend(_ count: Int, at moment: Deadline) {
    sent += Int128(count) + max(0, credit(at: moment) - Int128(most))
  }

  /// What could be sent, if nothing were too long ago.
  private func credit(at moment: Deadline) -> Int128 {
    let elapsed = max(0, Int128(start.nanoseconds(until: moment)))
    return elapsed * Int128(rate) / Self.nanosecondsPerSecond - sent + Int128(piece)
  }
}
