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

  /// The clients that wait for one name.
  private struct Entry {
    let queue: ResolverQueue
    let watch: Registration
    var count = 0
  }

  private let resolver: Resolver
  private let reactor: Reactor
  private let answered: (ResolverQueue.Answer) -> Void
  private var entries: [Name: Entry] = [:]
  private var names: [ObjectIdentifier: Name] = [:]
  /// The clients whose name is not looked up yet, because too many others are.
  private var waiting: Deque<ForwardMember> = []

  /// The maximum number of names that are looked up at a time: each has a descriptor and some threads.
  private static let mostNames = 64

  /// - Parameter answered: Called with each client whose name has been looked up.
  init(by resolver: Resolver, in reactor: Reactor, answered: @escaping (ResolverQueue.Answer) -> Void) {
    (self.resolver, self.reactor, self.answered) = (resolver, reactor, answered)
  }

  /// Adds a client.
  ///
  /// - Throws: `EMFILE` and similar errors, and `EAGAIN` if there are too many threads.
  func add(_ member: ForwardMember, host: String, port: UInt16) throws(IOFailure) {
    let name = Name(host: host, port: port)
    names[ObjectIdentifier(member)] = name
    guard entries[name] != nil || entries.count < Self.mostNames else { return waiting.append(member) }
    try begin(member, name)
  }

  private func begin(_ member: ForwardMember, _ name: Name) throws(IOFailure) {
    if entries[name] == nil {
      let queue = ResolverQueue(try TargetLookup(of: name.host, port: name.port, by: resolver))
      let watch = try reactor.register(queue.descriptor, for: .readable) { [unowned self] _ in
        take(queue.answers())
      }
      entries[name] = Entry(queue: queue, watch: watch)
    }
    try entries[name]?.queue.add(member)
    entries[name]?.count += 1
  }

  private func take(_ answers: [ResolverQueue.Answer]) {
    for answer in answers {
      remove(answer.member)
      answered(answer)
    }
  }

  /// Removes a client that no longer waits.
  func remove(_ member: ForwardMember) {
    guard let name = names.removeValue(forKey: ObjectIdentifier(member)) else { return }
    waiting.removeAll { $0 === member }
    guard let entry = entries[name] else { return }
    entry.queue.remove(member)
    entries[name]?.count -= 1
    guard entry.count <= 1 else { return }
    entries[name] = nil
    beginNext()
  }

  private func beginNext() {
    guard entries.count < Self.mostNames, let next = waiting.popFirst(),
      let name = names[ObjectIdentifier(next)]
    else { return }
    do { try begin(next, name) } catch {
      names[ObjectIdentifier(next)] = nil
      answered(
        ResolverQueue.Answer(
          member: next, result: .failure(ResolutionError(name: name.host, reason: .system(error.code)))))
    }
  }
}
