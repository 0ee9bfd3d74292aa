// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import Testing

struct LingeringCloseTests {
  private let start = Deadline.now

  @Test func `it is over once the peer has finished and has everything`() {
    var linger = LingeringClose(at: start)
    #expect(!linger.isOver(at: start) && linger.mayReceive && linger.isCheckDue(at: start))
    linger.didFinish()
    linger.didCheck(unconfirmed: 2, at: start)
    #expect(!linger.isOver(at: start) && !linger.mayReceive)
    // A peer that has closed does not acknowledge the half-close.
    linger.didCheck(unconfirmed: 1, at: start)
    #expect(linger.isOver(at: start))
  }

  @Test func `a peer that goes on sending is listened to until it is silent`() {
    var linger = LingeringClose(at: start)
    linger.didCheck(unconfirmed: 0, at: start)
    #expect(linger.deadline == start + LingeringClose.silence)
    let later = start + .milliseconds(900)
    linger.didReceive(at: later)
    #expect(!linger.isOver(at: start + .milliseconds(1800)))
    #expect(linger.isOver(at: later + LingeringClose.silence))
  }

  @Test func `nobody is waited for for ever, and a broken connection not at all`() {
    var linger = LingeringClose(at: start)
    linger.didCheck(unconfirmed: 5, at: start)
    #expect(!linger.isOver(at: start + .seconds(29)))
    #expect(linger.isOver(at: start + LingeringClose.limit))
    linger.didBreak()
    #expect(linger.isOver(at: start))
  }

  @Test func `a connection that is to be reset waits for what was sent and for nothing else`() {
    var linger = LingeringClose(at: start, isHalfClosed: false)
    linger.didFinish()
    linger.didCheck(unconfirmed: 1, at: start)
    #expect(!linger.isOver(at: start))
    linger.didCheck(unconfirmed: 0, at: start)
    #expect(linger.isOver(at: start))
  }

  @Test func `a slow reader is waited for as long as he reads`() {
    var linger = LingeringClose(at: start)
    linger.didCheck(unconfirmed: 5, at: start)
    let later = start + .seconds(20)
    linger.didCheck(unconfirmed: 4, at: later)
    #expect(!linger.isOver(at: start + LingeringClose.limit))
    linger.didCheck(unconfirmed: 4, at: later + .seconds(5))
    #expect(linger.isOver(at: later + LingeringClose.limit) && !linger.isDelivered)
  }

  @Test func `it is asked less and less often what has arrived`() {
    var linger = LingeringClose(at: start)
    var now = start
    var pauses: [Duration] = []
    for _ in 0..<9 {
      linger.didCheck(unconfirmed: 1, at: now)
      pauses.append(now.duration(until: linger.deadline))
      now = linger.deadline
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 50, 50, 50].map { .milliseconds($0) })
  }
}
