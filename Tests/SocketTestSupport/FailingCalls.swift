// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
package import SystemPackage

/// Calls that a test has fail, and how often they did.
package final class FailingCalls: Sendable {
  private struct State {
    var passing: Int
    var failing: Int
    var failed = 0
  }

  private let prefix: String
  private let code: Errno
  private let state: Guarded<State>

  /// Picks calls of one kind.
  ///
  /// - Parameters:
  ///   - prefix: How a trace of them begins: the function's name, or with `(` and the descriptor behind it.
  ///   - code: What they report in place of being made.
  ///   - count: How many fail.
  ///   - passing: How many are made before.
  package init(_ prefix: String, _ code: Errno, times count: Int = 1, after passing: Int = 0) {
    self.prefix = prefix
    self.code = code
    state = Guarded(State(passing: passing, failing: count))
  }

  /// Does some work again and again, with calls of which one fails: the first, the second and so on, until the work makes
  /// no more of them.
  package static func each(_ prefix: String, _ code: Errno, _ work: (FailingCalls) throws -> Void) throws {
    var passing = 0
    while true {
      let calls = FailingCalls(prefix, code, after: passing)
      try work(calls)
      guard calls.count > 0 else { return }
      passing += 1
    }
  }

  /// How many calls have failed so far.
  package var count: Int { state.withLock { $0.failed } }

  /// Has them fail in the calling thread while `body` runs.
  @discardableResult
  package func during<Value: ~Copyable>(_ body: () throws -> Value) throws -> Value {
    try InjectedFailures.inject({ [self] in choose($0) }, while: body)
  }

  private func choose(_ invocation: String) -> Errno? {
    guard invocation.hasPrefix(prefix) else { return nil }
    return state.withLock { state in
      if state.passing > 0 {
        state.passing -= 1
        return nil
      }
      guard state.failing > 0 else { return nil }
      state.failing -= 1
      state.failed += 1
      return code
    }
  }
}
