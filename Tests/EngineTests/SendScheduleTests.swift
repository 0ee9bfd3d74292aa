// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct SendScheduleTests {
  @Test func `without an interval everything may be sent at once`() {
    let schedule = SendSchedule(interval: nil)
    #expect(schedule.allowance(at: .now) == .max)
    #expect(schedule.next <= .now)
  }

  @Test func `one may be sent at once, and each further one an interval later`() {
    var schedule = SendSchedule(interval: .seconds(1))
    let start = Deadline.now
    #expect(schedule.allowance(at: start) == 1)
    schedule.sent(1, at: start)
    #expect(schedule.allowance(at: start + .milliseconds(900)) == 0)
    #expect(schedule.next <= start + .seconds(1) && start + .milliseconds(990) < schedule.next)
    #expect(schedule.allowance(at: start + .seconds(1)) == 1)
  }

  @Test func `small delays are made up for, so that the rate holds`() {
    var schedule = SendSchedule(interval: .microseconds(100))
    let start = schedule.next
    schedule.sent(1, at: start)
    #expect(schedule.allowance(at: start + .milliseconds(5)) == 50)
    schedule.sent(50, at: start + .milliseconds(5))
    #expect(schedule.allowance(at: start + .milliseconds(6)) == 10)
  }

  @Test func `a long delay is not followed by a burst`() {
    var schedule = SendSchedule(interval: .milliseconds(1))
    let start = schedule.next
    schedule.sent(1, at: start)
    let late = start + .seconds(5)
    schedule.sent(1, at: late)
    #expect(schedule.allowance(at: late) <= 10)
    var slow = SendSchedule(interval: .seconds(1))
    slow.sent(1, at: start)
    slow.sent(1, at: late)
    #expect(slow.allowance(at: late) == 0)
  }

  @Test func `a pause of the sender is not made up for by a burst`() {
    var schedule = SendSchedule(interval: .milliseconds(1))
    let start = schedule.next
    schedule.sent(1, at: start)
    #expect(schedule.allowance(at: start + .seconds(5)) <= 10)
    var slow = SendSchedule(interval: .milliseconds(20))
    slow.sent(1, at: start)
    #expect(slow.allowance(at: start + .seconds(5)) == 1)
  }
}
