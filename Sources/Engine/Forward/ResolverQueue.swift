// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// The clients that wait for the look-up of one name.
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

  private let host: String
  private let port: UInt16
  private let resolver: Resolver
  /// The look-up, once it has begun.
  private var lookup: TargetLookup?
  private var waiters: [ObjectIdentifier: Waiter] = [:]

  /// Creates the queue of a name, whose look-up has not begun.
  init(of host: String, port: UInt16, by resolver: Resolver) {
    (self.host, self.port, self.resolver) = (host, port, resolver)
  }

  /// The clients that wait.
  var members: [ForwardMember] { waiters.values.map(\.member) }
  /// Whether no client waits, and no thread looks the name up.
  var isIdle: Bool { waiters.isEmpty && lookup?.isRunning != true }

  /// Begins the look-up.
  ///
  /// - Returns: The descriptor to wait on: readable once there are answers.
  /// - Throws: `EMFILE` and similar errors, and `EAGAIN` if there are too many threads.
  func begin() throws(IOFailure) -> FileDescriptor {
    let lookup = try TargetLookup(of: host, port: port, by: resolver)
    _ = try lookup.begin()
    self.lookup = lookup
    return lookup.descriptor
  }

  /// Adds a client.
  ///
  /// - Throws: `EAGAIN` if there are too many threads.
  func add(_ member: ForwardMember) throws(IOFailure) {
    // The first look-up is number 1.
    waiters[ObjectIdentifier(member)] = Waiter(member: member, lookup: try lookup?.begin() ?? 1)
  }

  /// Returns the available answers: addresses are for all waiting clients, a failure for those that waited for that
  /// look-up.
  func answers() -> [Answer] {
    var answers: [Answer] = []
    for outcome in lookup?.take() ?? [] {
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
