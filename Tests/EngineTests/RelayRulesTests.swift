// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets
import SystemPackage
import Testing
import Transport

/// Each test checks a row of the end-of-stream table in the manual.
struct RelayRulesTests {
  private static let reset = IOFailure(.receive(from: "peer"), .connectionReset)
  private static let refused = IOFailure(.send(to: "peer"), .brokenPipe)

  private static func rules(_ change: (inout RelayPolicy) -> Void = { _ in }) -> RelayRules {
    var policy = RelayPolicy()
    change(&policy)
    return RelayRules(policy)
  }

  @Test func `an input that is merely unused may be no reason to end both directions`() {
    var policy = RelayPolicy()
    policy.halfClosesUnused = false
    var rules = RelayRules(policy)
    rules.inputEnded(at: .now)
    #expect(!rules.isHalfCloseDue && rules.outcome == nil)
    var used = RelayRules(policy)
    used.didTakeInput(1)
    used.didSend(1)
    used.inputEnded(at: .now)
    #expect(used.isHalfCloseDue)
    rules.peerEnded()
    #expect(rules.isHalfCloseDue)
    policy.directions = .sendOnly
    var sendOnly = RelayRules(policy)
    sendOnly.inputEnded(at: .now)
    #expect(sendOnly.isHalfCloseDue)
  }

  @Test func `what was broken off has no end that is passed on`() {
    var rules = RelayRules(RelayPolicy())
    rules.stop(.late)
    // A receive looks like this once another call has consumed the error.
    rules.peerEnded()
    #expect(!rules.isOutputCloseDue && rules.outcome == .late)
  }

  @Test func `the reader of the output ends a relay whose input has ended, if that is asked for`() {
    #expect(!Self.rules().endsWithReader)
    var rules = Self.rules {
      $0.endsWithReader = true
      $0.halfCloses = false
    }
    #expect(!rules.endsWithReader)
    rules.inputEnded(at: .now)
    rules.didReceive(3)
    // What was received is still to be written.
    #expect(!rules.endsWithReader)
    rules.didWrite(3)
    #expect(rules.endsWithReader && rules.outcome == nil)
    rules.readerLeft()
    rules.didDeliver()
    #expect(rules.outcome == .finished && rules.closeRule(hasInput: false) == .orderly)
  }

  @Test func `a fresh relay reads both sides and is not over`() {
    let rules = Self.rules()
    #expect(rules.mayTakeInput && rules.mayReceive && !rules.maySend)
    #expect(!rules.isHalfCloseDue && !rules.isOutputCloseDue && !rules.isDeliveryDue)
    #expect(rules.outcome == nil)
  }

  @Test func `the end of input half-closes once everything is sent`() {
    var rules = Self.rules()
    rules.didTakeInput(10)
    rules.inputEnded(at: .now)
    #expect(rules.maySend && !rules.isHalfCloseDue)
    rules.didSend(10)
    #expect(rules.isHalfCloseDue)
    rules.didHalfClose()
    #expect(!rules.isHalfCloseDue && rules.mayReceive && rules.outcome == nil)
  }

  @Test func `it is over once both sides have ended and the peer's system has everything`() {
    var rules = Self.rules()
    rules.inputEnded(at: .now)
    rules.didHalfClose()
    rules.didReceive(3)
    rules.peerEnded()
    #expect(rules.outcome == nil && !rules.isDeliveryDue)
    rules.didWrite(3)
    #expect(rules.isDeliveryDue && rules.outcome == nil)
    rules.didDeliver()
    #expect(rules.outcome == .finished)
  }

  @Test func `who only receives need not wait for the peer once somebody says so`() {
    var rules = Self.rules { $0.directions = .receiveOnly }
    #expect(rules.outcome == nil)
    rules.didReceive(1)
    rules.didReachQuitDeadline()
    #expect(rules.outcome == nil)
    rules.didWrite(1)
    #expect(rules.outcome == .finished)
  }

  @Test func `without half-close the end of input leaves the connection open until the peer closes`() {
    var rules = Self.rules { $0.halfCloses = false }
    rules.inputEnded(at: .now)
    #expect(!rules.isHalfCloseDue && rules.outcome == nil)
    rules.peerEnded()
    rules.didDeliver()
    #expect(rules.outcome == .finished)
  }

  @Test func `the quit time runs from the end of input and ends in order`() {
    var rules = Self.rules { $0.quitAfter = .seconds(3) }
    #expect(rules.quitDeadline == .never)
    let end = Deadline.now
    rules.inputEnded(at: end)
    rules.didHalfClose()
    #expect(rules.quitDeadline == end + .seconds(3))
    rules.didReachQuitDeadline()
    #expect(rules.isDeliveryDue && rules.outcome == nil)
    rules.didDeliver()
    #expect(rules.outcome == .finished)
  }

  @Test func `the quit time does not cut off what is still to be sent or written`() {
    var rules = Self.rules { $0.quitAfter = .zero }
    rules.didTakeInput(5)
    rules.didReceive(4)
    rules.inputEnded(at: .now)
    rules.didReachQuitDeadline()
    #expect(!rules.isDeliveryDue && rules.outcome == nil)
    rules.didSend(5)
    rules.didHalfClose()
    rules.didDeliver()
    #expect(!rules.mayReceive && rules.outcome == nil)
    rules.didWrite(4)
    #expect(rules.outcome == .finished)
  }

  @Test func `when the peer ends the output is closed and sending goes on`() {
    var rules = Self.rules()
    rules.didReceive(7)
    rules.peerEnded()
    #expect(!rules.isOutputCloseDue)
    rules.didWrite(7)
    #expect(rules.isOutputCloseDue)
    rules.didCloseOutput()
    #expect(!rules.isOutputCloseDue && rules.mayTakeInput && rules.outcome == nil)
    rules.didTakeInput(2)
    rules.didSend(2)
    rules.inputEnded(at: .now)
    rules.didHalfClose()
    rules.didDeliver()
    #expect(rules.outcome == .finished)
  }

  @Test func `a peer that ended is probed while input is awaited`() {
    var rules = Self.rules()
    #expect(!rules.isProbingDue && !rules.awaitsInputOnly)
    rules.peerEnded()
    #expect(rules.isProbingDue && rules.awaitsInputOnly)
    rules.didStartProbing()
    #expect(!rules.isProbingDue && rules.awaitsInputOnly)
  }

  @Test func `a vanished peer that missed nothing is an orderly end`() {
    var rules = Self.rules()
    rules.peerEnded()
    rules.didCloseOutput()
    rules.peerVanished(Self.refused, unacknowledged: 0, hasInput: false)
    #expect(!rules.mayTakeInput && rules.outcome == .finished)
  }

  @Test(arguments: [(pending: 1, unacknowledged: 0), (pending: 0, unacknowledged: 1)])
  func `a vanished peer that missed bytes is a failure`(_ missed: (pending: Int, unacknowledged: Int)) {
    var rules = Self.rules()
    rules.peerEnded()
    rules.didTakeInput(missed.pending)
    rules.peerVanished(Self.refused, unacknowledged: missed.unacknowledged, hasInput: false)
    #expect(rules.outcome == .failed(Self.refused))
  }

  @Test func `a vanished peer that says by a reset that it left bytes unread is a failure`() {
    var rules = Self.rules()
    rules.peerEnded()
    let unread = IOFailure(.send(to: "peer"), .connectionReset)
    rules.peerVanished(unread, unacknowledged: 0, hasInput: false)
    #expect(rules.outcome == .failed(unread))
  }

  @Test func `a vanished peer is a failure while the input has bytes that were not sent`() {
    var rules = Self.rules()
    rules.peerEnded()
    rules.peerVanished(Self.refused, unacknowledged: 0, hasInput: true)
    #expect(rules.outcome == .failed(Self.refused))
  }

  @Test func `an input that has never brought a byte is awaited for a while once all is written out`() {
    var rules = Self.rules { $0.inputWait = .seconds(1) }
    rules.didReceive(7)
    rules.peerEnded()
    #expect(!rules.isInputWaitDue && rules.inputWaitEnd == .never)
    rules.didWrite(7)
    #expect(rules.isInputWaitDue)
    let now = Deadline.now
    rules.beginInputWait(at: now)
    #expect(!rules.isInputWaitDue && rules.inputWaitEnd == now + .seconds(1))
    rules.didTakeInput(1)
    #expect(rules.inputWaitEnd == .never)
  }

  @Test(arguments: [RelayPolicy.Directions.both, .receiveOnly])
  func `an input is awaited without a limit for a peer that has sent nothing, or if it is not read`(
    directions: RelayPolicy.Directions
  ) {
    var rules = Self.rules {
      $0.inputWait = .seconds(1)
      $0.directions = directions
    }
    if directions == .receiveOnly {
      rules.didReceive(1)
      rules.didWrite(1)
    }
    rules.peerEnded()
    #expect(!rules.isInputWaitDue)
  }

  @Test func `a failure to send that is none of the connection ends it at once`() {
    var rules = Self.rules()
    let failure = IOFailure(.send(to: "peer"), .ioError)
    rules.didTakeInput(4)
    rules.sendingFailed(failure)
    #expect(rules.outcome == .failed(failure))
    #expect(rules.closeRule(hasInput: false) == nil)
  }

  @Test func `quitting on the peer's end is in order if all was sent, or nothing was brought`() {
    func rules(taken: Int, sent: Int, ends: Bool) -> RelayRules {
      var rules = Self.rules { $0.quitsOnPeerEnd = true }
      rules.didTakeInput(taken)
      rules.didSend(sent)
      if ends { rules.inputEnded(at: .now) }
      rules.peerEnded()
      return rules
    }
    #expect(rules(taken: 3, sent: 3, ends: true).closeRule(hasInput: false) == .orderly)
    #expect(rules(taken: 0, sent: 0, ends: false).closeRule(hasInput: false) == .orderly)
    #expect(rules(taken: 0, sent: 0, ends: false).closeRule(hasInput: true) == nil)
    #expect(rules(taken: 3, sent: 3, ends: false).closeRule(hasInput: false) == nil)
    #expect(rules(taken: 3, sent: 2, ends: true).closeRule(hasInput: false) == nil)
  }

  @Test func `the half-close need not be acknowledged by a peer that has ended, and nothing else is excused`()
  {
    var rules = Self.rules()
    #expect(rules.unconfirmedAllowance == 0)
    rules.peerEnded()
    #expect(rules.unconfirmedAllowance == 0)
    rules.inputEnded(at: .now)
    rules.didHalfClose()
    #expect(rules.unconfirmedAllowance == 1)
  }

  @Test func `a terminal is not asked for more once the peer has ended and is left open`() {
    var rules = Self.rules {
      $0.stopsInputOnPeerEnd = true
      $0.leavesOutputOpen = true
    }
    rules.peerEnded()
    #expect(rules.isInputUnawaited && rules.mayTakeInput && !rules.isOutputCloseDue)
    rules.inputEnded(at: .now)
    #expect(!rules.isInputUnawaited && rules.isHalfCloseDue)
    rules.didHalfClose()
    rules.didDeliver()
    #expect(rules.outcome == .finished)
  }

  @Test func `what the input has is sent although it is not waited for once the peer has ended`() {
    var rules = Self.rules {
      $0.stopsInputOnPeerEnd = true
      $0.halfCloses = false
    }
    rules.didTakeInput(3)
    #expect(!rules.isInputUnawaited)
    rules.peerEnded()
    #expect(rules.isInputUnawaited && rules.maySend && rules.outcome == nil)
    rules.inputEnded(at: .now)
    #expect(!rules.mayTakeInput && rules.maySend && rules.outcome == nil)
    rules.didSend(3)
    #expect(rules.isDeliveryDue && !rules.isHalfCloseDue)
    rules.didDeliver()
    #expect(rules.outcome == .finished && rules.closeRule(hasInput: true) == .orderly)
  }

  @Test func `a limit of what is received ends both directions in order, with what was read`() {
    var rules = Self.rules { $0.receiveLimit = .packets(1) }
    rules.didTakeInput(2)
    rules.didReceive(5)
    rules.didReachReceiveLimit()
    #expect(!rules.mayReceive && !rules.mayTakeInput && rules.maySend && rules.outcome == nil)
    rules.didSend(2)
    rules.didWrite(5)
    #expect(rules.isHalfCloseDue && rules.isOutputCloseDue)
    rules.didHalfClose()
    rules.didDeliver()
    #expect(rules.outcome == .finished && rules.closeRule(hasInput: true) == .orderly)
  }

  @Test func `idleness is a failure, unless an orderly end is asked for and nothing is left to send`() {
    func rules(ends: Bool, pending: Int) -> RelayRules {
      var rules = Self.rules {
        $0.endsInOrderWhenIdle = ends
        $0.halfCloses = false
      }
      rules.didTakeInput(pending)
      rules.didReachIdleLimit()
      return rules
    }
    #expect(rules(ends: false, pending: 0).outcome == .idle)
    #expect(rules(ends: true, pending: 1).outcome == .idle)
    var rules = rules(ends: true, pending: 0)
    #expect(rules.outcome == nil && rules.isDeliveryDue && !rules.mayTakeInput && !rules.mayReceive)
    var confirmed = rules
    confirmed.didDeliver()
    #expect(confirmed.outcome == .finished && confirmed.closeRule(hasInput: true) == .orderly)
    // The peer's system has not acknowledged what was sent before the time was over once more.
    rules.didReachIdleLimit()
    #expect(rules.outcome == .idle && rules.closeRule(hasInput: false) == nil)
  }

  @Test func `quitting on the peer's end writes out what arrived and sends no more`() {
    var rules = Self.rules { $0.quitsOnPeerEnd = true }
    rules.didTakeInput(9)
    rules.didReceive(1)
    rules.peerEnded()
    #expect(rules.outcome == nil)
    rules.didWrite(1)
    #expect(rules.outcome == .finished)
  }

  @Test func `a peer that takes no more is a failure once what arrived is written out`() {
    var rules = Self.rules()
    rules.didTakeInput(4)
    rules.sendingFailed(Self.refused)
    rules.didReceive(2)
    #expect(!rules.mayTakeInput && !rules.maySend && !rules.isHalfCloseDue && rules.mayReceive)
    rules.peerEnded()
    #expect(rules.outcome == nil)
    rules.didWrite(2)
    #expect(rules.outcome == .failed(Self.refused))
  }

  @Test func `send-only is over once everything is acknowledged, whatever the peer says`() {
    var rules = Self.rules { $0.directions = .sendOnly }
    rules.didTakeInput(1)
    rules.didSend(1)
    rules.inputEnded(at: .now)
    #expect(rules.isHalfCloseDue && rules.mayReceive && !rules.isOutputCloseDue)
    rules.didHalfClose()
    #expect(rules.isDeliveryDue && rules.outcome == nil)
    rules.didDeliver()
    #expect(rules.outcome == .finished)
  }

  @Test func `receive-only neither reads input nor half-closes and ends with the peer`() {
    var rules = Self.rules { $0.directions = .receiveOnly }
    #expect(!rules.mayTakeInput && !rules.isHalfCloseDue && rules.mayReceive && rules.outcome == nil)
    rules.didReceive(1)
    rules.peerEnded()
    #expect(rules.outcome == nil && !rules.isDeliveryDue && !rules.isProbingDue)
    rules.didWrite(1)
    #expect(rules.outcome == .finished)
  }

  @Test func `a reset is a failure after what arrived is written out`() {
    var rules = Self.rules()
    rules.didReceive(8)
    rules.receivingFailed(Self.reset)
    #expect(rules.outcome == nil && !rules.mayReceive)
    rules.didWrite(8)
    #expect(rules.outcome == .failed(Self.reset))
    #expect(!rules.isOutputCloseDue)
  }

  @Test func `what stops it from outside counts at once, and only the first time`() {
    var rules = Self.rules()
    rules.didReceive(8)
    rules.stop(.idle)
    rules.stop(.late)
    #expect(rules.outcome == .idle)
  }

  @Test func `what is owed to the peer beside the input is sent before the connection is half-closed`() {
    var rules = Self.rules()
    #expect(rules.mayAnswer)
    rules.inputEnded(at: .now)
    rules.didOwe(3)
    #expect(rules.maySend && !rules.isHalfCloseDue)
    rules.didOwe(0)
    #expect(!rules.maySend && rules.isHalfCloseDue)
    rules.didHalfClose()
    #expect(!rules.mayAnswer)
  }

  @Test func `an answer that the connection does not take is no failure, another error is one`() {
    var rules = Self.rules()
    rules.didOwe(3)
    rules.answeringFailed(Self.refused)
    #expect(!rules.mayAnswer && !rules.maySend && rules.sent.failure == nil && rules.mayReceive)
    rules.didOwe(3)
    #expect(!rules.maySend)
    var other = Self.rules()
    let failure = IOFailure(.send(to: "peer"), .ioError)
    other.answeringFailed(failure)
    #expect(other.outcome == .failed(failure))
  }

  @Test func `a record that is not complete stops everything but the writing of what arrived`() {
    let full = IOFailure(.write("record"), .noSpace)
    var rules = Self.rules()
    rules.didTakeInput(5)
    rules.didReceive(8)
    rules.recordingFailed(full)
    #expect(!rules.mayTakeInput && !rules.maySend && !rules.mayReceive && rules.outcome == nil)
    rules.didWrite(8)
    #expect(rules.outcome == .failed(full) && rules.closeRule(hasInput: false) == .abort)
  }

  @Test func `the peer learns that a local stream broke, and not that its reader wanted no more`() {
    for (code, rule) in [(Errno.ioError, CloseRule.abort), (.noSpace, .abort), (.brokenPipe, nil)] {
      let error = IOFailure(.write("standard output"), code)
      var rules = Self.rules()
      #expect(rules.closeRule(hasInput: true) == nil)
      rules.localStreamFailed(error)
      #expect(rules.outcome == .failed(error) && rules.closeRule(hasInput: false) == rule)
    }
    var late = Self.rules()
    late.stop(.late)
    #expect(late.closeRule(hasInput: false) == nil)
  }
}
