// SPDX-License-Identifier: GPL-3.0-or-later

import Dispatch
import Glibc
import Sockets
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ThreadPoolTests {
  private struct Tally {
    var running = 0
    var done: [Int] = []
  }

  @Test func `everything is run, by as many threads as there are processors`() async throws {
    let pool = ThreadPool()
    let tally = Guarded(Tally())
    let wakeup = try EventCounter()
    let processors = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    for round in 0..<3 {
      let gate = DispatchSemaphore(value: 0)
      for number in 0..<50 {
        pool.run {
          tally.withLock { $0.running += 1 }
          wakeup.signal()
          gate.wait()
          tally.withLock {
            $0.running -= 1
            $0.done.append(number)
          }
          wakeup.signal()
        }
      }
      func wait(until condition: @Sendable (Tally) -> Bool) throws {
        while !tally.withLock({ condition($0) }) {
          var readiness = PollSet()
          readiness.add(wakeup.descriptor, for: .readable)
          try #require(try readiness.wait(until: .after(.seconds(30))), "in round \(round)")
          wakeup.reset()
        }
      }
      // Each holds its thread until the gate opens for it.
      for done in 0..<50 {
        try wait { $0.done.count == done && $0.running == min(processors, 50 - done) }
        gate.signal()
      }
      try wait { $0.done.count == 50 }
      #expect(tally.withLock { $0.done.sorted() } == Array(0..<50))
      tally.withLock { $0.done = [] }
    }
  }
}
