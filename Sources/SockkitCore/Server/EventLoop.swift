// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Serves any number of connections in one thread, by readiness.
final class EventLoop<Served: StreamService>: ServingLoop {
  private typealias Connection = ServedConnection<Served.Talk>

  private struct Member {
    let connection: Connection
    /// What it is watched for; `nil` while it waits for long work, as a hang-up could not be stopped from being told.
    var interest: Readiness?
    /// The long work that it waits for, or has waited for.
    var work: LongWork?
  }

  private let host: ConnectionHost<Served>
  private var reception: Reception
  private var queue: EventQueue
  private let threads: ThreadPool
  private let finished: FinishedWork
  private var urgent: FileDescriptor?
  /// The connections by the numbers of their descriptors, which are small and dense.
  private var members: [Member?] = []
  private var count = 0
  private var scratch = [UInt8](repeating: 0, count: 64 << 10)
  /// When the time of some connection may be over.
  private var nextSweep = Deadline.never
  /// When the loop ends, whoever is connected; `never` until it is told to stop.
  private var end = Deadline.never

  /// The time from one look at all connections to the next, at least; a time-out is late by that at most.
  private static var sweepPause: Duration { .milliseconds(50) }

  /// - Parameters:
  ///   - capacity: How many connections there may be; the rest waits in the backlog.
  ///   - threads: Where long work is done.
  /// - Throws: `EMFILE` and its like.
  init(
    _ host: ConnectionHost<Served>, through door: Door, within capacity: Capacity, _ threads: ThreadPool
  ) throws(SystemError) {
    self.host = host
    reception = Reception(host.admission, through: door, within: capacity)
    queue = try EventQueue()
    self.threads = threads
    finished = try FinishedWork()
    try queue.add(finished.number, for: .readable)
    try reception.settle(in: queue)
  }

  /// Watches something else for whoever turns the loop; nobody is let in before what is urgent was attended to.
  func watch(_ descriptor: FileDescriptor, isUrgent: Bool) throws(SystemError) {
    try queue.add(descriptor, for: .readable)
    if isUrgent { urgent = descriptor }
  }

  /// Watches something no longer.
  func ignore(_ descriptor: FileDescriptor) throws(SystemError) { try queue.remove(descriptor) }

  /// Whether there is somebody to serve, or may be.
  var isServing: Bool { end == .never || count > 0 && !end.hasPassed }

  /// Waits for what comes next, and does what it asks for.
  ///
  /// - Returns: What of the things that are watched beside is ready.
  func turn() throws(SystemError) -> [FileDescriptor] {
    var others: [FileDescriptor] = []
    let events = try queue.wait(until: min(nextSweep, reception.nextLook, end))
    let isUrgent = events.contains { $0.descriptor == urgent }
    let now = Deadline.now
    for event in events {
      if let member = member(event.descriptor) {
        advance(member) { $0.proceed(&scratch, at: now) }
      } else if event.descriptor == reception.number {
        while !isUrgent, let socket = try reception.next() { add(host.connection(with: socket)) }
      } else if event.descriptor == finished.number {
        for number in finished.take() {
          if let member = member(number) { advance(member) { $0.proceed(&scratch, at: now) } }
        }
      } else {
        others.append(event.descriptor)
      }
    }
    sweep(at: now)
    try reception.settle(in: queue)
    return others
  }

  /// Lets nobody in any more, and those go who are owed nothing.
  func stop() throws(SystemError) {
    guard end == .never else { return }
    try reception.close(in: queue)
    end = .after(host.settings.grace)
    let now = Deadline.now
    for case let member? in members {
      member.connection.isLast = true
      advance(member) { $0.proceed(&scratch, at: now) }
    }
  }

  /// Resets the connections that are left.
  func endAll() {
    for case let member? in members { remove(member, .cutOff(because: .serverEnded)) }
  }

  // MARK: Connections

  private func member(_ descriptor: FileDescriptor) -> Member? {
    let index = Int(descriptor.rawValue)
    return members.indices.contains(index) ? members[index] : nil
  }

  private func add(_ connection: Connection) {
    let index = Int(connection.number.rawValue)
    if index >= members.count {
      members.append(contentsOf: repeatElement(nil, count: index + 1 - members.count))
    }
    let member = Member(connection: connection, interest: .readable)
    members[index] = member
    count += 1
    do {
      try queue.add(connection.number, for: .readable)
      noteDeadline(of: connection)
    } catch {
      remove(member, .failed(error))
    }
  }

  /// Lets a connection take a step, and does what follows from it.
  private func advance(_ member: Member, _ step: (Connection) -> Connection.Step) {
    switch step(member.connection) {
    case .await(let interest):
      // What long work has made is sent, and not kept for as long as the client stays.
      if member.work != nil { members[Int(member.connection.number.rawValue)]?.work = nil }
      noteDeadline(of: member.connection)
      watch(member, for: interest)
    case .perform(let work): perform(work, for: member)
    case .over(let ending): remove(member, ending)
    }
  }

  private func watch(_ member: Member, for interest: Readiness?) {
    guard interest != member.interest else { return }
    let number = member.connection.number
    do {
      if let interest {
        if member.interest == nil {
          try queue.add(number, for: interest)
        } else {
          try queue.change(number, to: interest)
        }
      } else {
        try queue.remove(number)
      }
      members[Int(number.rawValue)]?.interest = interest
    } catch {
      remove(member, .failed(error))
    }
  }

  /// Has long work done in another thread, unless it is under way there.
  private func perform(_ work: LongWork, for member: Member) {
    guard work != member.work else { return }
    let number = member.connection.number
    members[Int(number.rawValue)]?.work = work
    watch(member, for: nil)
    threads.run { [finished] in
      work.perform()
      finished.add(number)
    }
  }

  private func remove(_ member: Member, _ ending: ConnectionEnding) {
    host.reportEnd(of: member.connection, ending)
    // Letting go of it closes the descriptor, which takes it out of the queue.
    members[Int(member.connection.number.rawValue)] = nil
    count -= 1
    reception.giveBack()
  }

  private func noteDeadline(of connection: Connection) {
    nextSweep = min(nextSweep, connection.deadline(idle: host.settings.idle))
  }

  /// Looks for connections whose time is over.
  private func sweep(at now: Deadline) {
    guard nextSweep <= now else { return }
    nextSweep = .never
    for case let member? in members {
      if member.connection.deadline(idle: host.settings.idle) <= now {
        advance(member) { $0.deadlinePassed(&scratch, at: now) }
      } else {
        noteDeadline(of: member.connection)
      }
    }
    if nextSweep != .never { nextSweep = max(nextSweep, now + Self.sweepPause) }
  }
}
