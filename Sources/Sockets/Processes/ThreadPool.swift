// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Synchronization

/// Runs what takes long beside its caller, in as many threads as there are processors at most; the rest waits in
/// line.
///
/// A thread ends when nothing is left to run: system calls cost a process less that has no other.
package final class ThreadPool: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var threads = 0
  }

  private let limit = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
  private let state = Mutex(State())

  /// Creates a pool without a thread.
  package init() {}

  /// Runs a closure in a thread of the pool, after those that came before; in the caller's where the system has no
  /// thread to give.
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

  /// Runs what waits until nothing does.
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
