// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct DeadlineTests {
  @Test func `never comes after everything and waits for ever`() {
    #expect(Deadline.now < .never && Deadline.never.pollTimeout == -1 && !Deadline.never.hasPassed)
    #expect(Deadline.never + .seconds(1) == .never)
    #expect(Deadline.after(.seconds(Int64.max)) == .never)
  }

  @Test func `a moment in the past has passed and needs no wait`() {
    let now = Deadline.now
    #expect(now.hasPassed && now.pollTimeout == 0)
  }

  @Test func `a wait is rounded up so that it never ends early`() {
    let timeout = Deadline.after(.microseconds(1500)).pollTimeout
    #expect((1...2).contains(timeout))
    #expect(Deadline.after(.seconds(100_000_000)).pollTimeout == CInt.max)
  }

  @Test func `the distance between moments is a duration`() {
    let start = Deadline.now
    #expect(start.duration(until: start + .milliseconds(5)) == .milliseconds(5))
  }
}
