// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct EventCounterTests {
  private static func isRinging(_ wakeup: EventCounter) throws -> Bool {
    var readiness = PollSet()
    readiness.add(wakeup.descriptor, for: .readable)
    return try readiness.wait(until: .now)
  }

  @Test func `it is readable until it is reset, however often it was signalled`() throws {
    let wakeup = try EventCounter()
    #expect(try !Self.isRinging(wakeup))
    wakeup.signal()
    wakeup.signal()
    #expect(try Self.isRinging(wakeup))
    #expect(try Self.isRinging(wakeup))
    wakeup.reset()
    #expect(try !Self.isRinging(wakeup))
    wakeup.reset()
    wakeup.signal()
    #expect(try Self.isRinging(wakeup))
  }

  @Test func `a thread can be waited for by its wakeup`() throws {
    let wakeup = try EventCounter()
    try Thread.start { wakeup.signal() }
    var readiness = PollSet()
    readiness.add(wakeup.descriptor, for: .readable)
    #expect(try readiness.wait(until: .after(.seconds(10))))
  }
}
