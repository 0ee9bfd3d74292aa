// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ThreadPoolTests {
  private struct Tally {
    var running = 0
    var most = 0
    var done: [Int] = []
  }

  @Test func `everything is run, by no more threads than there are processors`() async throws {
    let pool = ThreadPool()
    let tally = Guarded(Tally())
    let wakeup = try EventCounter()
    for round in 0..<3 {
      for number in 0..<50 {
        pool.run {
          tally.withLock {
            $0.running += 1
            $0.most = max($0.most, $0.running)
          }
          usleep(1000)
          tally.withLock {
            $0.running -= 1
            $0.done.append(number)
          }
          wakeup.signal()
        }
      }
      while tally.withLock({ $0.done.count < 50 }) {
        var readiness = PollSet()
        readiness.add(wakeup.descriptor, for: .readable)
        try #require(try readiness.wait(until: .after(.seconds(30))), "in round \(round)")
        wakeup.reset()
      }
      #expect(tally.withLock { $0.done.sorted() } == Array(0..<50))
      tally.withLock { $0.done = [] }
    }
    #expect(tally.withLock { (1...max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))).contains($0.most) })
  }
}
