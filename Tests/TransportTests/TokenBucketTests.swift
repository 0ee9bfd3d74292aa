// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing
import Transport

struct TokenBucketTests {
  private let start = Deadline.now

  /// Sends as much as is allowed, as early as it is allowed, for a given time; returns the total, and the largest
  /// piece.
  private func flood(_ pacing: inout TokenBucket, from start: Deadline, for duration: Duration) -> (Int, Int)
  {
    var (total, largest) = (0, 0)
    var moment = max(start, pacing.next)
    while moment < start + duration {
      let count = pacing.allowance(at: moment)
      guard count > 0 else { return (-1, -1) }
      pacing.didSend(count, at: moment)
      (total, largest) = (total + count, max(largest, count))
      moment = pacing.next
    }
    return (total, largest)
  }

  @Test(arguments: [1, 3, 7, 49, 50, 51, 1000, 65_537, 10 << 20, 3 << 30, 1 << 50])
  func `over minutes it is the rate, and in no moment much more`(rate: Int) {
    var pacing = TokenBucket(rate: rate, from: start)
    let seconds = rate > 1 << 20 ? 60 : 600
    let (total, largest) = flood(&pacing, from: start, for: .seconds(seconds))
    #expect(abs(total - rate * seconds) <= max(1, rate / 50), "sent \(total)")
    #expect(largest <= max(1, rate / 25))
  }

  @Test func `nothing may be sent before the next moment`() {
    var pacing = TokenBucket(rate: 1000, from: start)
    #expect(pacing.allowance(at: start) == 20 && pacing.next <= start)
    pacing.didSend(20, at: start)
    #expect(pacing.allowance(at: start) == 0)
    #expect(pacing.next == start + .milliseconds(20))
    #expect(pacing.allowance(at: start + .milliseconds(5)) == 5)
    #expect(pacing.allowance(at: pacing.next) == 20)
  }

  @Test func `a short delay is made up for`() {
    var pacing = TokenBucket(rate: 1000, from: start)
    pacing.didSend(20, at: start)
    #expect(pacing.allowance(at: start + .milliseconds(70)) == 70)
  }

  @Test func `a long pause is not followed by a burst`() {
    var pacing = TokenBucket(rate: 1000, from: start)
    pacing.didSend(20, at: start)
    let later = start + .seconds(1000)
    #expect(pacing.allowance(at: later) == 100)
    pacing.didSend(100, at: later)
    #expect(pacing.allowance(at: later) == 0)
    let (total, _) = flood(&pacing, from: later, for: .seconds(10))
    #expect(abs(total - 10_000) <= 20)
  }

  @Test func `the slowest rate sends a byte a second, the first at once`() {
    var pacing = TokenBucket(rate: 1, from: start)
    #expect(pacing.allowance(at: start) == 1)
    pacing.didSend(1, at: start)
    #expect(pacing.next == start + .seconds(1))
    #expect(pacing.allowance(at: start + .milliseconds(999)) <= 0)
  }

  @Test func `a rate that no number could count for long is no limit`() {
    var pacing = TokenBucket(rate: .max, from: start)
    for second in 0..<5 {
      let moment = start + .seconds(second * 1000)
      #expect(pacing.allowance(at: moment) >= .max / 50)
      pacing.didSend(6, at: moment)
    }
  }
}
