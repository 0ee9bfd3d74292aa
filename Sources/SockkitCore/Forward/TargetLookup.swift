// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import SystemPackage

/// Looks the target's name up in a thread, for as many clients as wait for it: the C resolver makes whoever calls it
/// wait, and there is never more than one look-up under way, however many clients come.
final class TargetLookup: Sendable {
  /// What came of a look-up.
  typealias Outcome = Result<[Address], ResolutionError>

  private struct State {
    var isRunning = false
    var outcome: Outcome?
  }

  private let host: String
  private let port: UInt16
  private let resolver: Resolver
  private let bell: EventCounter
  private let state = Mutex(State())

  /// - Throws: `EMFILE` and its like.
  init(of host: String, port: UInt16, by resolver: Resolver) throws(SystemError) {
    self.host = host
    self.port = port
    self.resolver = resolver
    bell = try EventCounter()
  }

  /// The descriptor to wait on: readable once there is an outcome.
  var number: FileDescriptor { bell.number }

  /// Begins a look-up, unless one is under way.
  ///
  /// - Throws: `EAGAIN` if there are too many threads.
  func begin() throws(SystemError) {
    let isFree = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard isFree else { return }
    do {
      try Thread.start { [self] in
        let outcome = Outcome { () throws(ResolutionError) in
          try resolver.addresses(ofHost: host, port: port)
        }
        state.withLock { $0.outcome = outcome }
        bell.ring()
      }
    } catch {
      state.withLock { $0.isRunning = false }
      throw error
    }
  }

  /// Takes the outcome; `nil` if there is none yet.
  func take() -> Outcome? {
    bell.still()
    return state.withLock { state in
      guard let outcome = state.outcome.take() else { return nil }
      state.isRunning = false
      return outcome
    }
  }
}
