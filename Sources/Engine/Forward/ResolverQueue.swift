// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The clients that wait for a look-up of the target's name.
final class ResolverQueue {
  private struct Waiter {
    let member: ForwardMember
    /// The number of the look-up to wait for; a later one will do too.
    let lookup: Int
  }

  /// The result for a client.
  struct Answer {
    /// The client.
    let member: ForwardMember
    /// The addresses, or the reason why there are none.
    let result: Result<[Address], ResolutionError>
  }

  private let lookup: TargetLookup
  private var waiters: [ObjectIdentifier: Waiter] = [:]

  /// Creates the queue of a look-up.
  init(_ lookup: TargetLookup) { self.lookup = lookup }

  /// The descriptor to wait on: readable once there are answers.
  var descriptor: FileDescriptor { lookup.descriptor }

  /// Adds a client.
  ///
  /// - Throws: `EAGAIN` if there are too many threads.
  func add(_ member: ForwardMember) throws(IOFailure) {
    waiters[ObjectIdentifier(member)] = Waiter(member: member, lookup: try lookup.begin())
  }

  /// Returns the available answers: addresses are for all waiting clients, a failure for those that waited for that
  /// look-up.
  func answers() -> [Answer] {
    var answers: [Answer] = []
    for outcome in lookup.take() {
      let isGood = if case .success = outcome.result { true } else { false }
      let answered = waiters.filter { isGood || $0.value.lookup <= outcome.number }
      for (key, waiter) in answered {
        answers.append(Answer(member: waiter.member, result: outcome.result))
        waiters[key] = nil
      }
    }
    return answers
  }

  /// Removes a client that no longer waits.
  func remove(_ member: ForwardMember) { waiters[ObjectIdentifier(member)] = nil }
}
