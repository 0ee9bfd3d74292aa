// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization

/// Runs long work concurrently with its caller, in at most as many threads as there are processors; further work is
/// queued.
///
/// A thread ends when the queue is empty: system calls are cheaper in a process with a single thread.
package final class ThreadPool: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var threads = 0
  }

  private let limit = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
  private let state = Guarded(State())

  /// Creates a pool without threads.
  package init() {}

  /// Runs a closure in a thread of the pool, after those queued before it; in the caller's thread if the system cannot
  /// create another.
  package func run(_ body: @escaping @Sendable () -> Void) {
    let needsThread = state.withLock { state in
      state.waiting.append(body)
      guard state.threads < limit else { return false }
      state.threads += 1
      return true
    }
    guard needsThread else { return }
    do { try Thread.start { self.work() } } catch { work() }
  }

  /// Runs queued work until the queue is empty.
  private func work() {
    while let body = next() { body() }
  }

  private func next() -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.threads -= 1
      return nil
    }
  }
}
