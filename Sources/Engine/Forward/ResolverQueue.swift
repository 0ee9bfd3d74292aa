// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The clients that wait for the target's name to be looked up.
final class ResolverQueue {
  private struct Waiter {
    let member: ForwardMember
    /// The look-up to wait for, or a later one.
    let lookup: Int
  }

  /// What a client gets.
  struct Answer {
    /// The client.
    let member: ForwardMember
    /// The addresses, or why there are none.
    let result: Result<[Address], ResolutionError>
  }

  private let lookup: TargetLookup
  private var waiters: [ObjectIdentifier: Waiter] = [:]

  /// Lets clients wait for a look-up.
  init(_ lookup: TargetLookup) { self.lookup = lookup }

  /// The descriptor to wait on: readable once there are answers.
  var number: FileDescriptor { lookup.number }

  /// Lets a client wait.
  ///
  /// - Throws: `EAGAIN` if there are too many threads.
  func add(_ member: ForwardMember) throws(SystemError) {
    waiters[ObjectIdentifier(member)] = Waiter(member: member, lookup: try lookup.begin())
  }

  /// Takes the answers that there are: addresses are for all clients that wait, a failure for those that waited for it.
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

  /// Releases a client that waits no longer.
  func remove(_ member: ForwardMember) { waiters[ObjectIdentifier(member)] = nil }
}
