// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore
import Testing

struct ByteBudgetTests {
  /// How many bytes pass within a time, if somebody looks whenever it is said to.
  private static func bytes(at rate: Int, within duration: Duration, wanting most: Int = .max) -> Int {
    var budget = ByteBudget(rate: rate)
    var now = Deadline.now
    let end = now + duration
    var passed = 0
    while now <= end {
      let count = min(most, budget.allowance(at: now))
      budget.spend(count, at: now)
      passed += count
      now = max(budget.nextLook, now + .milliseconds(1))
    }
    return passed
  }

  @Test(arguments: [1, 7, 1000, 1 << 20, 1 << 40])
  func `as many pass as were said, and a little more at the beginning`(rate: Int) {
    let passed = Self.bytes(at: rate, within: .seconds(20))
    #expect(passed <= rate * 20 + max(1, rate / 4) && passed >= rate * 19)
  }

  @Test func `what is not used is not saved up`() {
    var budget = ByteBudget(rate: 1000)
    let later = Deadline.now + .seconds(3600)
    #expect((199...201).contains(budget.allowance(at: later)))
    budget.spend(200, at: later)
    #expect(budget.allowance(at: later) <= 1)
    #expect((99...101).contains(budget.allowance(at: later + .milliseconds(100))))
  }

  @Test func `a look at the next moment finds something to pass`() {
    var budget = ByteBudget(rate: 3)
    let now = Deadline.now
    budget.spend(budget.allowance(at: now), at: now)
    #expect(budget.allowance(at: now) == 0)
    #expect(budget.allowance(at: budget.nextLook) >= 1)
  }
}
