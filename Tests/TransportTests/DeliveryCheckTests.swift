// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Testing
import Transport

struct DeliveryCheckTests {
  private struct Sent: AcknowledgedSink {
    var unacknowledged = 0
    var acknowledged: Int?
    var error: Errno?

    func unacknowledgedBytes() throws(IOFailure) -> Int { unacknowledged }
    func acknowledgedBytes() -> Int? { acknowledged }
    func takeError() throws(IOFailure) -> IOFailure.Reason? { error.map { .errno($0) } }
    func writeError(_ reason: IOFailure.Reason) -> IOFailure { IOFailure(.send(to: "peer"), reason) }
  }

  @Test func `the kernel is asked less and less often`() throws {
    let start = Deadline.now
    var check = DeliveryCheck()
    var now = start
    for pause in [1, 2, 4, 8, 16, 32, 50, 50] {
      #expect(try !check.isDelivered(over: Sent(unacknowledged: 2), payloadEnd: nil, allowance: 1, at: now))
      #expect(check.next == now + .milliseconds(pause))
      // No check is due before.
      #expect(try !check.isDelivered(over: Sent(), payloadEnd: nil, allowance: 1, at: now))
      now = check.next
    }
    #expect(try check.isDelivered(over: Sent(unacknowledged: 1), payloadEnd: nil, allowance: 1, at: now))
    #expect(check.end == .never)
  }

  @Test func `the limit begins again when more is acknowledged`() throws {
    let start = Deadline.now
    var check = DeliveryCheck(limit: .seconds(5), from: start)
    var now = start
    for (unacknowledged, end) in [(9, 0), (9, 0), (10, 0), (8, 7), (8, 7)] {
      let sent = Sent(unacknowledged: unacknowledged)
      #expect(try !check.isDelivered(over: sent, payloadEnd: nil, allowance: 0, at: now))
      #expect(check.end == start + .milliseconds(end) + .seconds(5), "\(unacknowledged)")
      now = check.next
    }
    check.giveUp(at: now)
    #expect(check.end == now)
  }

  @Test(arguments: [(5, true), (4, false), (nil, false)])
  func `after an error the payload is delivered if all of it was acknowledged`(
    acknowledged: Int?, isDelivered: Bool
  ) throws {
    let sent = Sent(acknowledged: acknowledged, error: .connectionReset)
    let failure = IOFailure(.send(to: "peer"), .connectionReset)
    var check = DeliveryCheck()
    if isDelivered {
      #expect(try check.isDelivered(over: sent, payloadEnd: 5, allowance: 0, at: .now))
    } else {
      #expect(throws: failure) { try check.isDelivered(over: sent, payloadEnd: 5, allowance: 0, at: .now) }
    }
    #expect(throws: failure) { try check.isDelivered(over: sent, payloadEnd: nil, allowance: 0, at: .now) }
  }
}
