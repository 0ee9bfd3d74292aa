// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BufferSessionTests {
  @Test func `a sweep measures each size, and reports what the kernel has set`() throws {
    let observer = RecordingObserver()
    var invocation = BufferInvocation(over: .unix)
    invocation.isSweep = true
    var measurements: [BufferMeasurement] = []
    try BufferSession(invocation, observer).run { measurements.append($0) }
    #expect(measurements.count > 1)
    #expect(measurements.allSatisfy { $0.sendBuffer.requested != nil })
    let options = observer.events.count { if case .option = $0 { true } else { false } }
    #expect(options == 2 * measurements.count)
  }
}
