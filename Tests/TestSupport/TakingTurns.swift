// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization
public import Testing

/// Limits the number of test cases that run at a time, so that the programs of one do not starve those of another.
///
/// Each case bounds its own waits, from the beginning of its turn.
public struct TakingTurns: SuiteTrait, TestTrait, TestScoping {
  private struct State {
    var free = 5
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private static let state = Mutex(State())

  /// Every suite and test inside has the trait, too.
  public var isRecursive: Bool { true }

  /// A turn is for one test case, not for a suite.
  public func scopeProvider(for test: Test, testCase: Test.Case?) -> TakingTurns? {
    testCase == nil ? nil : self
  }

  /// Runs a test case when its turn comes.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    await Self.begin()
    defer { Self.end() }
    try await function()
  }

  private static func begin() async {
    await withCheckedContinuation { continuation in
      let mayStart = state.withLock { state in
        if state.free == 0 {
          state.waiting.append(continuation)
          return false
        }
        state.free -= 1
        return true
      }
      if mayStart { continuation.resume() }
    }
  }

  private static func end() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}

extension Trait where Self == TakingTurns {
  /// Limits the number of test cases that run at a time.
  public static var takingTurns: TakingTurns { TakingTurns() }
}
