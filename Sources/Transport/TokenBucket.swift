// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A token bucket: determines how many bytes may be sent, and when, to keep to a rate.
///
/// It counts all bytes sent since one starting time, so that rounding errors do not accumulate, and releases small
/// pieces often, so that the stream is smooth. A short delay of the sender is made up for; after a longer one the count
/// starts again, because making up for it would cause an unwanted burst.
package struct TokenBucket: Equatable, Sendable {
  /// Bytes per second, at least one.
  package let rate: Int
  /// The amount to send at once: that of a fiftieth of a second.
  private let piece: Int
  /// The amount that may accumulate: that of a tenth of a second.
  private let most: Int
  private let start: Deadline
  /// The bytes sent and forgone, the sum of which may exceed an `Int`: the rate may be as large as an `Int`.
  private var sent: Int128 = 0

  private static let nanosecondsPerSecond: Int128 = 1_000_000_000

  /// Creates a bucket that holds one piece.
  ///
  /// - Parameters:
  ///   - rate: Bytes per second, at least one.
  ///   - start: The time from which they are counted.
  package init(rate: Int, from start: Deadline = .now) {
    self.rate = rate
    self.start = start
    piece = max(1, rate / 50)
    most = max(1, rate / 10)
  }

  /// The number of bytes that may be sent at a given time; 0 or less for none.
  package func allowance(at moment: Deadline) -> Int {
    Int(clamping: min(Int128(most), credit(at: moment)))
  }

  /// When a whole piece may be sent.
  package var next: Deadline {
    guard sent > 0 else { return start }
    let nanoseconds = (sent * Self.nanosecondsPerSecond + Int128(rate) - 1) / Int128(rate)
    return start + .nanoseconds(Int64(clamping: nanoseconds))
  }

  /// Notes that bytes were sent at a given time.
  package mutating func didSend(_ count: Int, at moment: Deadline) {
    sent += Int128(count) + max(0, credit(at: moment) - Int128(most))
  }

  /// The number of bytes that could be sent if unused time did not expire.
  private func credit(at moment: Deadline) -> Int128 {
    let elapsed = max(0, Int128(start.nanoseconds(until: moment)))
    return elapsed * Int128(rate) / Self.nanosecondsPerSecond - sent + Int128(piece)
  }
}
