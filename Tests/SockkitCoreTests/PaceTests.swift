// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore
import Testing

struct PaceTests {
  @Test func `without an interval everything may be sent at once`() {
    let pace = Pace(interval: nil)
    #expect(pace.allowance(at: .now) == .max)
    #expect(pace.next <= .now)
  }

  @Test func `one may be sent at once, and each further one an interval later`() {
    var pace = Pace(interval: .seconds(1))
    let start = Deadline.now
    #expect(pace.allowance(at: start) == 1)
    pace.sent(1, at: start)
    #expect(pace.allowance(at: start + .milliseconds(900)) == 0)
    #expect(pace.next <= start + .seconds(1) && start + .milliseconds(990) < pace.next)
    #expect(pace.allowance(at: start + .seconds(1)) == 1)
  }

  @Test func `small delays are made up for, so that the rate holds`() {
    var pace = Pace(interval: .microseconds(100))
    let start = pace.next
    pace.sent(1, at: start)
    #expect(pace.allowance(at: start + .milliseconds(5)) == 50)
    pace.sent(50, at: start + .milliseconds(5))
    #expect(pace.allowance(at: start + .milliseconds(6)) == 10)
  }

  @Test func `a long delay is not followed by a burst`() {
    var pace = Pace(interval: .milliseconds(1))
    let start = pace.next
    pace.sent(1, at: start)
    let late = start + .seconds(5)
    pace.sent(1, at: late)
    #expect(pace.allowance(at: late) <= 10)
    var slow = Pace(interval: .seconds(1))
    slow.sent(1, at: start)
    slow.sent(1, at: late)
    #expect(slow.allowance(at: late) == 0)
  }

  @Test func `a pause of the sender is not made up for by a burst`() {
    var pace = Pace(interval: .milliseconds(1))
    let start = pace.next
    pace.sent(1, at: start)
    #expect(pace.allowance(at: start + .seconds(5)) <= 10)
    var slow = Pace(interval: .milliseconds(20))
    slow.sent(1, at: start)
    #expect(slow.allowance(at: start + .seconds(5)) == 1)
  }
}
