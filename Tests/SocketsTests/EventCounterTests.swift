// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Testing

struct EventCounterTests {
  private static func isRinging(_ bell: EventCounter) throws -> Bool {
    var readiness = PollSet()
    readiness.add(bell.number, for: .readable)
    return try readiness.wait(until: .now)
  }

  @Test func `a bell rings until it is stilled, however often it was rung`() throws {
    let bell = try EventCounter()
    #expect(try !Self.isRinging(bell))
    bell.ring()
    bell.ring()
    #expect(try Self.isRinging(bell))
    #expect(try Self.isRinging(bell))
    bell.still()
    #expect(try !Self.isRinging(bell))
    bell.still()
    bell.ring()
    #expect(try Self.isRinging(bell))
  }

  @Test func `a thread can be waited for by its bell`() throws {
    let bell = try EventCounter()
    try Thread.start { bell.ring() }
    var readiness = PollSet()
    readiness.add(bell.number, for: .readable)
    #expect(try readiness.wait(until: .after(.seconds(10))))
  }
}
