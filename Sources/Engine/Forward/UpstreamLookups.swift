// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule
import Reactor
import Sockets

/// The look-ups of the names that clients are to be connected to. Clients of the same name share one.
final class UpstreamLookups {
  private struct Name: Hashable {
    let host: String
    let port: UInt16
  }

  private let resolver: Resolver
  private let reactor: Reactor
  private let answered: (ResolverQueue.Answer) -> Void
  private var queues: [Name: ResolverQueue] = [:]
  /// The name that each client waits for.
  private var names: [ObjectIdentifier: Name] = [:]
  /// The names that are looked up.
  private var running: [Name: Registration] = [:]
  /// The names that are not looked up yet, because too many others are.
  private var waiting: Deque<Name> = []

  /// The maximum number of names that are looked up at a time: each has a descriptor and some threads.
  private static let mostNames = 64

  /// - Parameter answered: Called with each client whose name has been looked up.
  init(by resolver: Resolver, in reactor: Reactor, answered: @escaping (ResolverQueue.Answer) -> Void) {
    (self.resolver, self.reactor, self.answered) = (resolver, reactor, answered)
  }

  /// Adds a client. Nothing is kept of one for which this fails.
  ///
  /// - Throws: `EMFILE` and similar errors, and `EAGAIN` if there are too many threads.
  func add(_ member: ForwardMember, host: String, port: UInt16) throws(IOFailure) {
    let name = Name(host: host, port: port)
    if let queue = queues[name] {
      try queue.add(member)
    } else {
      let queue = ResolverQueue(of: host, port: port, by: resolver)
      if running.count < Self.mostNames { try begin(queue, name) } else { waiting.append(name) }
      try queue.add(member)
      queues[name] = queue
    }
    names[ObjectIdentifier(member)] = name
  }

  private func begin(_ queue: ResolverQueue, _ name: Name) throws(IOFailure) {
    running[name] = try reactor.register(try queue.begin(), for: .readable) { [unowned self] _ in
      take(queue.answers(), of: name)
    }
  }

  private func take(_ answers: [ResolverQueue.Answer], of name: Name) {
    for answer in answers {
      names[ObjectIdentifier(answer.member)] = nil
      answered(answer)
    }
    drop(name)
    beginWaiting()
  }

  /// Removes a client that no longer waits.
  func remove(_ member: ForwardMember) {
    guard let name = names.removeValue(forKey: ObjectIdentifier(member)) else { return }
    queues[name]?.remove(member)
    drop(name)
  }

  /// Drops a name that no client waits for, once no thread looks it up: the threads of clients that have gone count as
  /// well, or there could be any number of them.
  private func drop(_ name: Name) {
    guard let queue = queues[name], queue.isIdle else { return }
    queues[name] = nil
    if running.removeValue(forKey: name) == nil { waiting.removeAll { $0 == name } }
  }

  private func beginWaiting() {
    while running.count < Self.mostNames, let name = waiting.popFirst(), let queue = queues[name] {
      do { try begin(queue, name) } catch {
        queues[name] = nil
        for member in queue.members {
          names[ObjectIdentifier(member)] = nil
          let error = ResolutionError(name: name.host, reason: .system(error.code))
          answered(ResolverQueue.Answer(member: member, result: .failure(error)))
        }
      }
    }
  }
}
