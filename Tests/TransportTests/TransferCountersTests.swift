// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Testing
import Transport

struct TransferCountersTests {
  @Test func `a flow is done when it has ended and nothing is pending`() {
    var flow = TransferCounters()
    #expect(flow.isOpen && !flow.isDone)
    flow.take(5)
    flow.end()
    #expect(flow.pending == 5 && !flow.isDone && !flow.isOpen)
    flow.pass(5)
    #expect(flow.pending == 0 && flow.isDone && flow.passed == 5)
  }

  @Test func `a flow whose sink failed takes no more`() {
    var flow = TransferCounters()
    let failure = IOFailure(.write("standard output"), .noSpace)
    flow.fail(failure)
    #expect(!flow.isOpen && flow.failure == failure)
  }
}
