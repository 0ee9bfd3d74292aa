// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import SystemPackage

/// Looks the target's name up in threads, for all clients that wait for it: the C resolver blocks its caller.
///
/// Clients that connect during a look-up wait for its result. Another one is started only if it takes long, so that
/// later clients need not wait for a name server that has lost a query.
final class TargetLookup: Sendable {
  /// The outcome of a look-up.
  struct Outcome: Sendable {
    /// The number of the look-up, in the order of their start.
    let number: Int
    let result: Result<[Address], ResolutionError>
  }

  private struct State {
    /// The numbers of running look-ups, and of the last one started.
    var running: Set<Int> = []
    var begun = 0
    var lastBeginning = Deadline.now
    var outcomes: [Outcome] = []
  }

  private let host: String
  private let port: UInt16
  private let resolver: Resolver
  private let wakeup: EventCounter
  private let state = Guarded(State())

  /// The time after which a look-up counts as slow, and the maximum number of look-ups at a time.
  private static let patience = Duration.seconds(1)
  private static let mostThreads = 8

  /// - Throws: `EMFILE` and similar errors.
  init(of host: String, port: UInt16, by resolver: Resolver) throws(IOFailure) {
    self.host = host
    self.port = port
    self.resolver = resolver
    wakeup = try EventCounter()
  }

  /// The descriptor to wait on: readable once there is an outcome.
  var descriptor: FileDescriptor { wakeup.descriptor }

  /// Whether a thread looks the name up, or has an outcome that is not taken yet.
  var isRunning: Bool { state.withLock { !$0.running.isEmpty || !$0.outcomes.isEmpty } }

  /// Starts a look-up, unless there is one to wait for.
  ///
  /// - Returns: The number of the look-up to wait for.
  /// - Throws: `EAGAIN` if there are too many threads.
  func begin() throws(IOFailure) -> Int {
    let (number, isNew) = state.withLock { state in
      let isSlow = (state.lastBeginning + Self.patience).hasPassed
      // A look-up that has already failed would be waited for in vain.
      if let newest = state.running.max(), !isSlow || state.running.count >= Self.mostThreads {
        return (newest, false)
      }
      state.begun += 1
      state.running.insert(state.begun)
      state.lastBeginning = .now
      return (state.begun, true)
    }
    guard isNew else { return number }
    do {
      try Thread.start { [self] in
        finish(
          Outcome(
            number: number,
            result: Result { () throws(ResolutionError) in try resolver.addresses(ofHost: host, port: port) })
        )
      }
    } catch {
      state.withLock { _ = $0.running.remove(number) }
      throw error
    }
    return number
  }

  private func finish(_ outcome: Outcome) {
    state.withLock { state in
      state.running.remove(outcome.number)
      state.outcomes.append(outcome)
    }
    wakeup.signal()
  }

  /// Removes and returns the available outcomes.
  func take() -> [Outcome] {
    wakeup.reset()
    return state.withLock { state in
      defer { state.outcomes = [] }
      return state.outcomes
    }
  }
}
