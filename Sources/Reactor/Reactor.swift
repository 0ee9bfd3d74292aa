// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// The handler of a reactor's events, called in the reactor's thread and never reentrantly.
package protocol ReactorHandler: AnyObject {
  /// Called when a member is ready or its deadline has passed.
  ///
  /// - Throws: An error that ends the run loop.
  func handle(_ event: Reactor.Event) throws(IOFailure)
}

/// A handler that calls a closure.
package final class ReactorAction: ReactorHandler {
  private let body: (Reactor.Event) throws(IOFailure) -> Void

  /// Creates a handler from a closure.
  package init(_ body: @escaping (Reactor.Event) throws(IOFailure) -> Void) { self.body = body }

  package func handle(_ event: Reactor.Event) throws(IOFailure) { try body(event) }
}

/// Waits for descriptors, deadlines and deferred work in one thread.
///
/// A turn handles the events of descriptors, then deadlines, then deferred work, and last the members that accept, so
/// that a new connection never receives an event of an older one with the same descriptor number.
package final class Reactor {
  /// An event of a member.
  package struct Event {
    /// The descriptor; `nil` for a member that has none.
    package let descriptor: FileDescriptor?
    /// What it is ready for; empty if the member's deadline has passed.
    package let readiness: Readiness
    /// The time at which the turn began.
    package let now: Deadline
    /// The owner that the member was registered with, if any.
    package let owner: AnyObject?
  }

  /// When in a turn the events of a member are handled.
  package enum Order {
    /// In the order of arrival.
    case first
    /// After all others: the member accepts new connections.
    case last
  }

  /// The index of a member, and its generation among the members that have used this index.
  struct MemberID {
    let index: Int
    let generation: UInt32

    init(index: Int, generation: UInt32) {
      self.index = index
      self.generation = generation
    }

    /// The member that an event belongs to.
    init(datum: UInt64) {
      index = Int(datum & 0xFFFF_FFFF)
      generation = UInt32(datum >> 32)
    }

    /// The value that its events carry.
    var datum: UInt64 { UInt64(generation) << 32 | UInt64(index) }
  }

  private struct Member {
    var handler: (any ReactorHandler)?
    var owner: AnyObject?
    var generation: UInt32 = 0
    var descriptor: FileDescriptor?
    var interest: Readiness = []
    var order = Order.first
    /// Whether the member is in the queue; it is not if it is always ready or watches for nothing.
    var isQueued = false
    var isAlwaysReady = false
  }

  private let queue: any ReadinessQueue
  private var members: [Member] = []
  private var free: [Int] = []
  private var deadlines = DeadlineHeap()
  /// The members that the kernel cannot wait for, because they are always ready.
  private var alwaysReady: [MemberID] = []
  private var deferred: [() throws(IOFailure) -> Void] = []
  private var failure: IOFailure?
  /// Whether `stop` has been called.
  package private(set) var isStopped = false

  /// Creates a reactor without members.
  package init(waitingWith queue: any ReadinessQueue) { self.queue = queue }

  /// Creates a reactor for any number of members, with the kernel's event queue.
  ///
  /// - Throws: `EMFILE` and similar errors.
  package convenience init() throws(IOFailure) { self.init(waitingWith: try KernelQueue()) }

  /// A reactor for a few members, which needs no descriptor.
  package static func forFew() -> Reactor { Reactor(waitingWith: PollQueue()) }

  /// The current time, by the clock of the queue.
  package var now: Deadline { queue.now }

  // MARK: Members

  /// Watches a descriptor.
  ///
  /// A descriptor that is always ready, such as a regular file, is reported as ready in each turn.
  ///
  /// - Parameters:
  ///   - interest: What to watch for; an empty interest still reports hang-ups and errors, and `nil` nothing at all.
  ///   - handler: The handler; it is retained until the registration is released.
  ///   - owner: The object that events of this member refer to, if one handler has many members.
  /// - Throws: `ENOMEM` and similar errors; then no member is added.
  package func register(
    _ descriptor: FileDescriptor, for interest: Readiness?, order: Order = .first,
    _ handler: any ReactorHandler, owner: AnyObject? = nil
  ) throws(IOFailure) -> Registration {
    let id = add(Member(handler: handler, owner: owner, descriptor: descriptor, order: order))
    if let interest {
      do { try change(id, to: interest) } catch {
        remove(id, isClosed: false)
        throw error
      }
    }
    return Registration(self, id)
  }

  /// Watches a descriptor and calls a closure with its events.
  package func register(
    _ descriptor: FileDescriptor, for interest: Readiness, order: Order = .first,
    _ action: @escaping (Event) throws(IOFailure) -> Void
  ) throws(IOFailure) -> Registration {
    try register(descriptor, for: interest, order: order, ReactorAction(action))
  }

  /// A member without a descriptor, which is called at the deadlines that it sets.
  package func timer(_ handler: any ReactorHandler) -> Registration {
    Registration(self, add(Member(handler: handler)))
  }

  /// A member without a descriptor that calls a closure once.
  package func timer(
    after duration: Duration, _ action: @escaping () throws(IOFailure) -> Void
  ) -> Registration {
    let timer = timer(ReactorAction { (_) throws(IOFailure) in try action() })
    timer.wake(at: now + duration)
    return timer
  }

  private func add(_ member: Member) -> MemberID {
    let index = free.popLast() ?? members.count
    if index == members.count {
      members.append(member)
    } else {
      let generation = members[index].generation
      members[index] = member
      members[index].generation = generation
    }
    return MemberID(index: index, generation: members[index].generation)
  }

  func remove(_ id: MemberID, isClosed: Bool) {
    let member = members[id.index]
    // Releasing a handler here may release other registrations.
    defer { withExtendedLifetime(member) {} }
    if member.isQueued, !isClosed || !queue.isClearedByClosing, let descriptor = member.descriptor {
      // Fails only if the descriptor is no longer in the queue.
      try? queue.remove(descriptor, datum: id.datum)
    }
    if member.isAlwaysReady { alwaysReady.removeAll { $0.index == id.index } }
    deadlines.set(id.index, to: .never)
    // The new generation keeps pending events of the old member from reaching a later one.
    members[id.index] = Member(generation: member.generation &+ 1)
    free.append(id.index)
  }

  func isAlwaysReady(_ id: MemberID) -> Bool { members[id.index].isAlwaysReady }

  func interest(of id: MemberID) -> Readiness { members[id.index].interest }

  func change(_ id: MemberID, to interest: Readiness) throws(IOFailure) {
    // The fields one by one: a copy of the member would retain and release what it holds, in each turn.
    let isQueued = members[id.index].isQueued
    guard !isQueued || interest != members[id.index].interest, let descriptor = members[id.index].descriptor
    else {
      return
    }
    if isQueued {
      try queue.change(descriptor, to: interest, datum: id.datum)
    } else if !members[id.index].isAlwaysReady {
      do {
        try queue.add(descriptor, for: interest, datum: id.datum)
        members[id.index].isQueued = true
      } catch {
        guard error.code == .notPermitted else { throw error }
        members[id.index].isAlwaysReady = true
        alwaysReady.append(id)
      }
    }
    members[id.index].interest = interest
  }

  func pause(_ id: MemberID) throws(IOFailure) {
    let member = members[id.index]
    if member.isQueued, let descriptor = member.descriptor { try queue.remove(descriptor, datum: id.datum) }
    members[id.index].isQueued = false
    members[id.index].interest = []
  }

  func setDeadline(of id: MemberID, to deadline: Deadline) { deadlines.set(id.index, to: deadline) }

  // MARK: Turns

  /// Defers work to the end of this turn; work deferred by deferred work runs at the end of the next turn.
  package func later(_ work: @escaping () throws(IOFailure) -> Void) { deferred.append(work) }

  /// Ends `run` after this turn.
  package func stop() { isStopped = true }

  /// Ends the run loop after this turn, with an error.
  package func fail(_ error: IOFailure) { failure = failure ?? error }

  /// Takes turns until it is stopped.
  ///
  /// - Parameter attend: Called in each turn before the members that accept.
  /// - Throws: The error of the wait, of a handler or of `attend`.
  package func run(_ attend: () throws(IOFailure) -> Void = {}) throws(IOFailure) {
    isStopped = false
    while !isStopped { try turn(attend) }
  }

  /// Waits for the next events and handles them.
  ///
  /// - Parameters:
  ///   - deadline: When the wait ends at the latest.
  ///   - attend: Called before the members that accept.
  /// - Returns: Whether a descriptor was ready.
  /// - Throws: The error of the wait, of a handler or of `attend`.
  @discardableResult
  package func turn(
    until deadline: Deadline = .never, _ attend: () throws(IOFailure) -> Void = {}
  ) throws(IOFailure) -> Bool {
    let constant = alwaysReady.isEmpty ? [] : alwaysReady.filter { !members[$0.index].interest.isEmpty }
    let isBusy = !deferred.isEmpty || !constant.isEmpty
    let events = try queue.wait(until: isBusy ? queue.now : min(deadline, deadlines.first))
    let now = queue.now
    var last: [(MemberID, Readiness)] = []
    for event in events {
      let id = MemberID(datum: event.datum)
      guard isCurrent(id) else { continue }
      if members[id.index].order == .last {
        last.append((id, event.readiness))
      } else {
        call(id, event.readiness, at: now)
      }
    }
    for id in constant { call(id, members[id.index].interest, at: now) }
    if deadlines.first <= now {
      for id in takeDue(at: now) { call(id, [], at: now) }
    }
    if !deferred.isEmpty { doWhatWasDeferred() }
    try attend()
    for (id, readiness) in last { call(id, readiness, at: now) }
    if let failure {
      self.failure = nil
      throw failure
    }
    return !events.isEmpty || !constant.isEmpty
  }

  /// The members whose deadline has passed; collected before any is called, because a handler may set the same deadline
  /// again.
  private func takeDue(at now: Deadline) -> [MemberID] {
    var due: [MemberID] = []
    while let index = deadlines.due(at: now) {
      deadlines.set(index, to: .never)
      due.append(MemberID(index: index, generation: members[index].generation))
    }
    return due
  }

  private func doWhatWasDeferred() {
    let work = deferred
    deferred = []
    for item in work {
      do { try item() } catch { fail(error) }
    }
  }

  /// Whether a member has not been released meanwhile.
  private func isCurrent(_ id: MemberID) -> Bool { members[id.index].generation == id.generation }

  /// Calls the handler of a member, unless it has been released meanwhile.
  private func call(_ id: MemberID, _ readiness: Readiness, at now: Deadline) {
    guard isCurrent(id), let handler = members[id.index].handler else { return }
    do {
      try handler.handle(
        Event(
          descriptor: members[id.index].descriptor, readiness: readiness, now: now,
          owner: members[id.index].owner))
    } catch {
      fail(error)
    }
  }
}
