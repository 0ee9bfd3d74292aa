// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing
import Transport

struct ReceiveCoalescingTests {
  /// An instance that a fast stream has turned on.
  private static func turnedOn() -> ReceiveCoalescing {
    var gathering = ReceiveCoalescing()
    for _ in 0..<20 where !gathering.isOn { _ = gathering.didTake(64 << 10) }
    return gathering
  }

  @Test func `a few large pieces do not turn it on, many in a row do, and say so once`() {
    var gathering = ReceiveCoalescing()
    let changes = (0..<30).map { _ in gathering.didTake(64 << 10) }
    #expect(gathering.isOn)
    #expect(changes.count { $0 } == 1 && !changes.prefix(8).contains(true))
  }

  @Test func `small pieces in between keep it off`() {
    var gathering = ReceiveCoalescing()
    let changes = (0..<100).map { gathering.didTake($0 % 8 == 0 ? 100 : 64 << 10) }
    #expect(!gathering.isOn && !changes.contains(true))
  }

  @Test func `a wait is bounded only while it is on`() {
    var off = ReceiveCoalescing()
    off.willWait()
    #expect(off.deadline == .never)
    var on = Self.turnedOn()
    on.willWait()
    #expect(on.deadline <= .after(.milliseconds(1)))
  }

  @Test func `a wait that runs out is reported once, and nothing is left to wake up for`() {
    var gathering = Self.turnedOn()
    gathering.willWait()
    let late = Deadline.after(.seconds(1))
    let answers = [Deadline.now + .seconds(-1), late, late].map { gathering.isDue(at: $0) }
    #expect(answers == [false, true, false])
    #expect(gathering.deadline == .never)
  }

  @Test(arguments: [0, 100, 64 << 10])
  func `a wait that runs out turns it off, and it takes as many pieces to come back`(count: Int) {
    var gathering = Self.turnedOn()
    gathering.willWait()
    let hasRunOut = gathering.isDue(at: .after(.seconds(1)))
    let hasChanged = gathering.didTake(count)
    #expect(hasRunOut && hasChanged && !gathering.isOn)
    let hasReturned = gathering.didTake(64 << 10)
    #expect(!hasReturned && !gathering.isOn)
  }

  @Test func `a sink with little room leaves it on`() {
    var gathering = Self.turnedOn()
    gathering.willWait()
    gathering.didWait()
    let hasChanged = gathering.didTake(100)
    #expect(!hasChanged && gathering.isOn)
  }
}
