// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// What a reactor calls, in its own thread and never twice at a time.
package protocol ReactorHandler: AnyObject {
  /// A member is ready, or its moment has come.
  func handle(_ event: Reactor.Event)
}

/// Waits for everything that one thread waits for: descriptors, moments, and work that was put off.
///
/// A turn is: the events of descriptors, those of moments, what was put off, and last the members that accept, so that a
/// new connection never meets an event of one that had its number.
package final class Reactor {
  /// Why a handler is called.
  package struct Event {
    /// The descriptor; `nil` for a member that has none.
    package let descriptor: FileDescriptor?
    /// What it is ready for; empty where the member's moment has come.
    package let readiness: Readiness
    /// When the turn began.
    package let now: Deadline
  }

  /// When in a turn the events of a member are handled.
  package enum Order {
    /// As they come.
    case first
    /// After all others: the member lets further ones in.
    case last
  }

  /// Which member a registration is about, and which of those that have had its place.
  struct MemberID {
    let index: Int
    let generation: UInt32

    init(index: Int, generation: UInt32) {
      self.index = index
      self.generation = generation
    }

    /// The member of an event.
    init(datum: UInt64) {
      index = Int(datum & 0xFFFF_FFFF)
      generation = UInt32(datum >> 32)
    }

    /// What its events carry.
    var datum: UInt64 { UInt64(generation) << 32 | UInt64(index) }
  }

  private struct Member {
    var handler: (any ReactorHandler)?
    var generation: UInt32 = 0
    var descriptor: FileDescriptor?
    var interest: Readiness = []
    var order = Order.first
    /// Whether the queue has it; not what is always ready, and not one that watches for nothing.
    var isQueued = false
    var isAlwaysReady = false
  }

  private let queue: any ReadinessQueue
  private var members: [Member] = []
  private var free: [Int] = []
  private var deadlines = DeadlineHeap()
  /// The members that the kernel cannot wait for, because they are always ready.
  private var alwaysReady: [MemberID] = []
  private var deferred: [() -> Void] = []
  private var failure: SystemError?
  private var isStopped = false

  /// Creates a reactor without members.
  package init(waitingWith queue: any ReadinessQueue) { self.queue = queue }

  /// Creates a reactor that waits with the kernel.
  ///
  /// - Throws: `EMFILE` and its like.
  package convenience init() throws(SystemError) { self.init(waitingWith: try KernelQueue()) }

  /// The present moment, by the clock of the queue.
  package var now: Deadline { queue.now }

  // MARK: Members

  /// Watches a descriptor.
  ///
  /// What is always ready, such as a regular file, is ready in each turn for what it is watched for.
  ///
  /// - Parameters:
  ///   - interest: What to watch for; an empty interest still reports hang-ups and errors, and `nil` nothing at all.
  ///   - handler: What to call; it is held until the registration is released.
  /// - Throws: `ENOMEM` and its like; then there is no new member.
  package func register(
    _ descriptor: FileDescriptor, for interest: Readiness?, order: Order = .first,
    _ handler: any ReactorHandler
  ) throws(SystemError) -> Registration {
    let id = add(Member(handler: handler, descriptor: descriptor, order: order))
    if let interest {
      do { try change(id, to: interest) } catch {
        remove(id, isClosed: false)
        throw error
      }
    }
    return Registration(self, id)
  }

  /// A member without a descriptor, which is called at the moments that it asks for.
  package func timer(_ handler: any ReactorHandler) -> Registration {
    Registration(self, add(Member(handler: handler)))
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
    if member.isQueued, !isClosed, let descriptor = member.descriptor {
      // It fails only for what is not in the queue any more.
      try? queue.remove(descriptor)
    }
    if member.isAlwaysReady { alwaysReady.removeAll { $0.index == id.index } }
    deadlines.set(id.index, to: .never)
    // What held the place is not met again, also by events that are on the way.
    members[id.index] = Member(generation: member.generation &+ 1)
    free.append(id.index)
  }

  func interest(of id: MemberID) -> Readiness { members[id.index].interest }

  func change(_ id: MemberID, to interest: Readiness) throws(SystemError) {
    let member = members[id.index]
    guard let descriptor = member.descriptor else { return }
    if member.isQueued {
      guard interest != member.interest else { return }
      try queue.change(descriptor, to: interest, datum: id.datum)
    } else if !member.isAlwaysReady {
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

  func pause(_ id: MemberID) throws(SystemError) {
    let member = members[id.index]
    if member.isQueued, let descriptor = member.descriptor { try queue.remove(descriptor) }
    members[id.index].isQueued = false
    members[id.index].interest = []
  }

  func setDeadline(of id: MemberID, to deadline: Deadline) { deadlines.set(id.index, to: deadline) }

  // MARK: Turns

  /// Has something done at the end of the turn, or of the next one if it is put off by what was put off.
  package func later(_ work: @escaping () -> Void) { deferred.append(work) }

  /// Ends `run` after this turn.
  package func stop() { isStopped = true }

  /// Ends `run` after this turn, with an error.
  package func fail(_ error: SystemError) {
    failure = failure ?? error
    isStopped = true
  }

  /// Takes turns until it is stopped.
  ///
  /// - Throws: What the wait reports, or what a handler has failed with.
  package func run() throws(SystemError) {
    isStopped = false
    while !isStopped { try turn() }
  }

  /// Waits for what comes next, and has it handled.
  ///
  /// - Throws: What the wait reports, or what a handler has failed with.
  package func turn() throws(SystemError) {
    let constant = alwaysReady.filter { !members[$0.index].interest.isEmpty }
    let isBusy = !deferred.isEmpty || !constant.isEmpty
    let events = try queue.wait(until: isBusy ? queue.now : deadlines.first)
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
    for id in takeDue(at: now) { call(id, [], at: now) }
    let work = deferred
    deferred = []
    for item in work { item() }
    for (id, readiness) in last { call(id, readiness, at: now) }
    if let failure {
      self.failure = nil
      throw failure
    }
  }

  /// The members whose moment has come; they are taken before any is called, as a handler may ask for this very moment again.
  private func takeDue(at now: Deadline) -> [MemberID] {
    var due: [MemberID] = []
    while let index = deadlines.due(at: now) {
      deadlines.set(index, to: .never)
      due.append(MemberID(index: index, generation: members[index].generation))
    }
    return due
  }

  private func isCurrent(_ id: MemberID) -> Bool { members[id.index].generation == id.generation }

  private func call(_ id: MemberID, _ readiness: Readiness, at now: Deadline) {
    guard isCurrent(id) else { return }
    let member = members[id.index]
    member.handler?.handle(Event(descriptor: member.descriptor, readiness: readiness, now: now))
  }
}
