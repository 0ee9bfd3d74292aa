// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import Synchronization

/// The long work of an event loop: it is done in other threads, and the loop is told when it is finished.
final class BackgroundWork {
  /// The work that is not finished yet, and that which is, by number.
  private final class Progress: Sendable {
    private struct State {
      var wanted: Set<Int> = []
      var finished: [Int] = []
    }

    let wakeup: EventCounter
    private let state = Guarded(State())

    init() throws(IOFailure) { wakeup = try EventCounter() }

    func add(_ number: Int) { state.withLock { _ = $0.wanted.insert(number) } }

    func isWanted(_ number: Int) -> Bool { state.withLock { $0.wanted.contains(number) } }

    func remove(_ number: Int) { state.withLock { _ = $0.wanted.remove(number) } }

    func finish(_ number: Int) {
      state.withLock { state in
        if state.wanted.remove(number) != nil { state.finished.append(number) }
      }
      wakeup.signal()
    }

    func take() -> [Int] {
      wakeup.reset()
      return state.withLock { state in
        defer { state.finished = [] }
        return state.finished
      }
    }
  }

  private let threads: ThreadPool
  private let reactor: Reactor
  /// Created with the first work, with its registration: most loops never have any.
  private var progress: Progress?
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
    let progress = if let progress { progress } else { try makeProgress() }
    count += 1
    continuations[count] = completion
    progress.add(count)
    threads.run { [count] in
      guard progress.isWanted(count) else { return }
      work()
      progress.finish(count)
    }
    return count
  }

  private func makeProgress() throws(IOFailure) -> Progress {
    let new = try Progress()
    watch = try reactor.register(new.wakeup.descriptor, for: .readable) { [unowned self] _ in
      for number in new.take() { continuations.removeValue(forKey: number)?() }
    }
    progress = new
    return new
  }

  /// Notes that nothing waits for the end of work any longer; it is left out if it has not begun.
  func abandon(_ number: Int) {
    continuations[number] = nil
    progress?.remove(number)
  }
}
