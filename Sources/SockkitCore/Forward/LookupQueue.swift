// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The clients that wait for the target's name to be looked up.
final class LookupQueue {
  private struct Waiter {
    let connection: ForwardedConnection
    /// The look-up to wait for, or a later one.
    let lookup: Int
  }

  /// What a client gets.
  struct Answer {
    /// The client.
    let connection: ForwardedConnection
    /// The addresses, or why there are none.
    let result: Result<[Address], ResolutionError>
  }

  private let lookup: TargetLookup
  private var waiters: [Waiter] = []

  /// Lets clients wait for a look-up.
  init(_ lookup: TargetLookup) { self.lookup = lookup }

  /// The descriptor to wait on: readable once there are answers.
  var number: FileDescriptor { lookup.number }

  /// Lets a client wait.
  ///
  /// - Throws: `EAGAIN` if there are too many threads.
  func add(_ connection: ForwardedConnection) throws(SystemError) {
    waiters.append(Waiter(connection: connection, lookup: try lookup.begin()))
  }

  /// Takes the answers that there are: addresses are for all who wait, a failure for those who waited for it.
  func answers() -> [Answer] {
    var answers: [Answer] = []
    for outcome in lookup.take() {
      let isGood = if case .success = outcome.result { true } else { false }
      let isAnswered = { (waiter: Waiter) in isGood || waiter.lookup <= outcome.number }
      answers += waiters.filter(isAnswered).map { Answer(connection: $0.connection, result: outcome.result) }
      waiters.removeAll(where: isAnswered)
    }
    return answers.filter { !$0.connection.isOver }
  }

  /// Lets go of those who have given up.
  func removeEnded() { waiters.removeAll(where: \.connection.isOver) }
}
