// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import Synchronization

/// The long work of an event loop: it is done in other threads, and the loop is told when it is finished.
final class BackgroundWork {
  /// What other threads have finished, by number.
  private final class Finished: Sendable {
    let wakeup: EventCounter
    private let numbers = Guarded<[Int]>([])

    init() throws(IOFailure) { wakeup = try EventCounter() }

    func add(_ number: Int) {
      numbers.withLock { $0.append(number) }
      wakeup.signal()
    }

    func take() -> [Int] {
      wakeup.reset()
      return numbers.withLock { numbers in
        defer { numbers = [] }
        return numbers
      }
    }
  }

  private let threads: ThreadPool
  private let reactor: Reactor
  /// Created with the first work, with its registration: most loops never have any.
  private var finished: Finished?
  private var watch: Registration?
  private var continuations: [Int: () -> Void] = [:]
  private var count = 0

  /// Prepares to run work in the threads of a pool.
  init(in threads: ThreadPool, for reactor: Reactor) { (self.threads, self.reactor) = (threads, reactor) }

  /// Runs work in another thread.
  ///
  /// - Parameter completion: Called by the loop once the work is finished.
  /// - Returns: The number of the work.
  /// - Throws: `EMFILE` and similar errors.
  func run(
    _ work: @escaping @Sendable () -> Void, completion: @escaping () -> Void
  ) throws(IOFailure) -> Int {
    let finished = if let finished { finished } else { try makeFinished() }
    count += 1
    continuations[count] = completion
    threads.run { [count] in
      work()
      finished.add(count)
    }
    return count
  }

  private func makeFinished() throws(IOFailure) -> Finished {
    let new = try Finished()
    watch = try reactor.register(new.wakeup.descriptor, for: .readable) { [unowned self] _ in
      for number in new.take() { continuations.removeValue(forKey: number)?() }
    }
    finished = new
    return new
  }

  /// Leaves the end of work unnoticed: nothing waits for it any longer.
  func abandon(_ number: Int) { continuations[number] = nil }
}
