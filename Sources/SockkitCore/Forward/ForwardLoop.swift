// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Forwards any number of connections in one thread, by readiness.
final class ForwardLoop: ServingLoop {
  private enum Role {
    case side(ForwardedConnection.Side)
    case attempt
  }

  private struct Member {
    let connection: ForwardedConnection
    let role: Role
    /// What is watched for; `nil` if the descriptor is not in the queue.
    var interest: Readiness?
  }

  /// One who waits for a look-up, or a later one.
  private struct Waiter {
    let connection: ForwardedConnection
    let lookup: Int
  }

  private let target: ForwardTarget
  private let settings: ForwardSettings
  private let report: @Sendable (ForwardEvent) -> Void
  private let supplies: Passage.Supplies
  private let lookup: TargetLookup?
  private var reception: Reception
  private var queue: EventQueue
  private var urgent: FileDescriptor?
  /// Whose descriptor it is, by the number of it.
  private var members: [Member?] = []
  private var count = 0
  /// Those that wait for the look-up, and those that wait for another turn.
  private var waiting: [Waiter] = []
  private var queued: [ForwardedConnection] = []
  /// When the time of some connection has come, and when all were looked at.
  private var nextDeadline = Deadline.never
  private var lastSweep = Deadline.now
  private var end = Deadline.never

  /// The time from one look at all connections to the next, at least; what waits for a moment is late by that at most.
  private static let sweepPause = Duration.milliseconds(50)

  /// - Parameter reception: Where clients come from.
  /// - Throws: `EMFILE` and its like.
  init(
    to target: ForwardTarget, _ settings: ForwardSettings, _ reception: Reception,
    report: @escaping @Sendable (ForwardEvent) -> Void
  ) throws(SystemError) {
    self.target = target
    self.settings = settings
    self.report = report
    supplies = Passage.Supplies(pipes: settings.maximumPipes)
    self.reception = reception
    if case .host(let name, let port) = target {
      lookup = try TargetLookup(of: name, port: port, by: settings.resolver)
    } else {
      lookup = nil
    }
    queue = try EventQueue()
    try self.reception.settle(in: queue)
    if let lookup { try queue.add(lookup.number, for: .readable) }
  }

  func watch(_ descriptor: FileDescriptor, isUrgent: Bool) throws(SystemError) {
    try queue.add(descriptor, for: .readable)
    if isUrgent { urgent = descriptor }
  }

  func ignore(_ descriptor: FileDescriptor) throws(SystemError) { try queue.remove(descriptor) }

  var isServing: Bool { end == .never || count > 0 && !end.hasPassed }

  func turn() throws(SystemError) -> [FileDescriptor] {
    var others: [FileDescriptor] = []
    let wake = queued.isEmpty ? min(sweepTime, reception.nextLook, end) : .now
    let events = try queue.wait(until: wake)
    let isUrgent = events.contains { $0.descriptor == urgent }
    let now = Deadline.now
    for event in events {
      if let member = member(event.descriptor) {
        attend(member, event, at: now)
      } else if event.descriptor == reception.number {
        while !isUrgent, let socket = try reception.next() { admit(socket) }
      } else if event.descriptor == lookup?.number {
        takeLookups()
      } else {
        others.append(event.descriptor)
      }
    }
    takeTurns(at: now)
    sweep(at: now)
    try reception.settle(in: queue)
    return others
  }

  func stop() throws(SystemError) {
    guard end == .never else { return }
    try reception.close(in: queue)
    end = .after(settings.grace)
  }

  func endAll() {
    forEachConnection { remove($0, .broken("not finished within the time allowed (--grace)")) }
  }

  // MARK: Members

  private func member(_ descriptor: FileDescriptor) -> Member? {
    let index = Int(descriptor.rawValue)
    return members.indices.contains(index) ? members[index] : nil
  }

  private func set(_ member: Member?, at descriptor: FileDescriptor) {
    let index = Int(descriptor.rawValue)
    if index >= members.count {
      members.append(contentsOf: repeatElement(nil, count: index + 1 - members.count))
    }
    members[index] = member
  }

  private func forEachConnection(_ body: (ForwardedConnection) -> Void) {
    for index in members.indices {
      if let member = members[index], case .side(.client) = member.role { body(member.connection) }
    }
  }

  // MARK: Clients

  private func admit(_ socket: consuming StreamSocket) {
    let connection = ForwardedConnection(socket, settings, supplies)
    let dial = TargetDial(to: target, by: settings.connector, within: settings.connectLimit)
    connection.dial = dial
    set(Member(connection: connection, role: .side(.client), interest: nil), at: connection.clientNumber)
    count += 1
    switch target {
    case .address(let address): begin(connection, to: [address])
    case .host: awaitLookup(connection)
    }
  }

  private func awaitLookup(_ connection: ForwardedConnection) {
    do {
      guard let number = try lookup?.begin() else { return }
      waiting.append(Waiter(connection: connection, lookup: number))
      noteDeadline(of: connection)
    } catch {
      remove(connection, .failed(Failure(error)))
    }
  }

  /// Takes what came of look-ups: addresses are for all who wait, a failure for those who waited for it.
  private func takeLookups() {
    for outcome in lookup?.take() ?? [] {
      let waiters = waiting
      waiting = []
      for waiter in waiters where !waiter.connection.isOver {
        switch outcome.result {
        case .success(let addresses): begin(waiter.connection, to: addresses)
        case .failure where waiter.lookup > outcome.number: waiting.append(waiter)
        case .failure(let error): remove(waiter.connection, .failed(Failure(error)))
        }
      }
    }
  }

  private func begin(_ connection: ForwardedConnection, to addresses: [Address]) {
    dial(connection) { $0.begin(to: addresses, watch: $1) }
  }

  /// Lets the opening of a connection to the target take a step, and does what follows from it.
  private func dial(
    _ connection: ForwardedConnection, _ step: (TargetDial, TargetDial.Watch) -> TargetDial.Step
  ) {
    guard let dial = connection.dial else { return }
    let watch: TargetDial.Watch = { [unowned self] (number) throws(SystemError) in
      try queue.add(number, for: .writable)
      set(Member(connection: connection, role: .attempt, interest: .writable), at: number)
    }
    switch step(dial, watch) {
    case .connected(let socket): open(connection, to: socket)
    case .failed(let failure): remove(connection, .failed(failure))
    case .pending: noteDeadline(of: connection)
    case .short(let error):
      reception.wait(because: error)
      noteDeadline(of: connection)
    }
  }

  private func open(_ connection: ForwardedConnection, to socket: consuming StreamSocket) {
    let number = socket.number
    let interest = member(number)?.interest
    endDial(of: connection)
    set(Member(connection: connection, role: .side(.target), interest: interest), at: number)
    report(.connected(client: connection.remote, from: socket.local, to: socket.remote))
    connection.open(to: socket, at: .now)
    settle(connection)
  }

  /// Forgets the attempts, which closes all but the one that won.
  private func endDial(of connection: ForwardedConnection) {
    for number in connection.dial?.watched ?? [] {
      guard let member = member(number), case .attempt = member.role, member.connection === connection else {
        continue
      }
      set(nil, at: number)
    }
    connection.dial = nil
  }

  // MARK: Going on

  private func attend(_ member: Member, _ event: EventQueue.Event, at now: Deadline) {
    let connection = member.connection
    switch member.role {
    case .attempt: dial(connection) { $0.proceed(event.descriptor, watch: $1) }
    case .side(let side):
      let (step, isUseful) = connection.proceed(side, event.readiness, at: now)
      take(step, of: connection)
      // A hang-up that nothing can be made of yet would be reported again and again.
      if step == .goOn, !isUseful, !event.readiness.isDisjoint(with: [.hungUp, .failed]) {
        ignore(side, of: connection)
      }
    }
  }

  private func ignore(_ side: ForwardedConnection.Side, of connection: ForwardedConnection) {
    guard let number = side == .client ? connection.clientNumber : connection.targetNumber,
      member(number)?.interest?.isEmpty == true
    else { return }
    do {
      try queue.remove(number)
      members[Int(number.rawValue)]?.interest = nil
    } catch {
      remove(connection, .broken("\(error)"))
    }
  }

  private func take(_ step: ForwardedConnection.Step, of connection: ForwardedConnection) {
    switch step {
    case .over(let reason): remove(connection, reason.map { .broken($0) } ?? .orderly)
    case .goOn:
      if connection.wantsTurn, !connection.isQueued {
        connection.isQueued = true
        queued.append(connection)
      }
      settle(connection)
    }
  }

  /// Has the queue watch for what a connection wants.
  private func settle(_ connection: ForwardedConnection) {
    noteDeadline(of: connection)
    do {
      try settle(connection, .client)
      try settle(connection, .target)
    } catch {
      remove(connection, .broken("\(error)"))
    }
  }

  private func settle(
    _ connection: ForwardedConnection, _ side: ForwardedConnection.Side
  ) throws(SystemError) {
    guard let number = side == .client ? connection.clientNumber : connection.targetNumber else { return }
    let wanted = connection.interest(in: side)
    let current = member(number)?.interest
    guard wanted != current ?? [] else { return }
    if current != nil {
      try queue.change(number, to: wanted)
    } else {
      try queue.add(number, for: wanted)
    }
    members[Int(number.rawValue)]?.interest = wanted
  }

  private func takeTurns(at now: Deadline) {
    let connections = queued
    queued = []
    for connection in connections where !connection.isOver {
      connection.isQueued = false
      take(connection.takeTurn(at: now), of: connection)
    }
  }

  private func noteDeadline(of connection: ForwardedConnection) {
    nextDeadline = min(nextDeadline, connection.deadline)
  }

  private var sweepTime: Deadline {
    nextDeadline == .never ? .never : max(nextDeadline, lastSweep + Self.sweepPause)
  }

  /// Looks for connections whose time has come.
  private func sweep(at now: Deadline) {
    guard sweepTime <= now else { return }
    lastSweep = now
    nextDeadline = .never
    forEachConnection { connection in
      guard connection.deadline <= now else { return noteDeadline(of: connection) }
      if connection.dial != nil {
        dial(connection) { $0.proceed(nil, watch: $1) }
      } else {
        take(connection.deadlinePassed(at: now), of: connection)
      }
    }
    waiting.removeAll(where: \.connection.isOver)
  }

  // MARK: The end

  private enum Ending {
    case orderly
    case broken(String)
    case failed(Failure)
  }

  private func remove(_ connection: ForwardedConnection, _ ending: Ending) {
    guard !connection.isOver else { return }
    connection.isOver = true
    switch ending {
    case .orderly: break
    case .broken(let reason):
      report(.broken(client: connection.remote, reason))
      connection.breakOff()
    case .failed(let failure):
      report(.failed(client: connection.remote, failure))
      connection.breakOff()
    }
    let counts = connection.counts
    report(
      .closed(
        client: connection.remote, toTarget: counts.toTarget, toClient: counts.toClient,
        duration: connection.began.duration(until: .now)))
    endDial(of: connection)
    // Letting go of it closes the descriptors, which takes them out of the queue.
    if let number = connection.targetNumber { set(nil, at: number) }
    set(nil, at: connection.clientNumber)
    count -= 1
    reception.giveBack()
  }
}
