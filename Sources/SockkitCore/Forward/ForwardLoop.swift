// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Forwards any number of connections in one thread, by readiness.
final class ForwardLoop: ServingLoop {
  private let target: ForwardTarget
  private let settings: ForwardSettings
  private let report: @Sendable (ForwardEvent) -> Void
  private let supplies: Passage.Supplies
  private let lookups: LookupQueue?
  private let own: SelfConnections?
  private var reception: Reception
  private var members: ForwardMembers
  private var urgent: FileDescriptor?
  /// Those that wait for another turn.
  private var queued: [ForwardedConnection] = []
  /// When the time of some connection has come, and when all were looked at.
  private var nextDeadline = Deadline.never
  private var lastSweep = Deadline.now
  private var end = Deadline.never

  /// The time from one look at all connections to the next, at least; what waits for a moment is late by that at most.
  private static let sweepPause = Duration.milliseconds(50)

  /// - Parameters:
  ///   - reception: Where clients come from.
  ///   - own: What finds connections of the forwarder to itself, where there can be any.
  /// - Throws: `EMFILE` and its like.
  init(
    to target: ForwardTarget, _ settings: ForwardSettings, _ reception: Reception, _ own: SelfConnections?,
    report: @escaping @Sendable (ForwardEvent) -> Void
  ) throws(SystemError) {
    self.own = own
    self.target = target
    self.settings = settings
    self.report = report
    supplies = Passage.Supplies(pipes: settings.maximumPipes)
    self.reception = reception
    if case .host(let name, let port) = target {
      lookups = LookupQueue(try TargetLookup(of: name, port: port, by: settings.resolver))
    } else {
      lookups = nil
    }
    members = try ForwardMembers()
    try self.reception.settle(in: members.queue)
    if let lookups { try watch(lookups.number, isUrgent: false) }
  }

  /// Watches something else for whoever turns the loop; nobody is let in before what is urgent was attended to.
  func watch(_ descriptor: FileDescriptor, isUrgent: Bool) throws(SystemError) {
    try members.queue.add(descriptor, for: .readable)
    if isUrgent { urgent = descriptor }
  }

  /// Watches something no longer.
  func ignore(_ descriptor: FileDescriptor) throws(SystemError) { try members.queue.remove(descriptor) }

  /// Whether there is somebody to serve, or may be.
  var isServing: Bool { end == .never || members.count > 0 && !end.hasPassed }

  /// Waits for what comes next, and does what it asks for.
  ///
  /// - Returns: What of the things that are watched beside is ready.
  func turn() throws(SystemError) -> [FileDescriptor] {
    var others: [FileDescriptor] = []
    let wake = queued.isEmpty ? min(sweepTime, reception.nextLook, end) : .now
    let events = try members.queue.wait(until: wake)
    let isUrgent = events.contains { $0.descriptor == urgent }
    let now = Deadline.now
    for event in events {
      if let member = members.member(event.descriptor) {
        attend(member, event, at: now)
      } else if event.descriptor == reception.number {
        while !isUrgent, let socket = try reception.next() { admit(socket) }
      } else if event.descriptor == lookups?.number {
        takeAnswers()
      } else {
        others.append(event.descriptor)
      }
    }
    takeTurns(at: now)
    sweep(at: now)
    try reception.settle(in: members.queue)
    return others
  }

  /// Lets nobody in any more.
  func stop() throws(SystemError) {
    guard end == .never else { return }
    try reception.close(in: members.queue)
    end = .after(settings.grace)
  }

  /// Resets the connections that are left.
  func endAll() {
    for slot in members.slots {
      guard let connection = members.connection(at: slot) else { continue }
      remove(connection, .broken("not finished within the time allowed (--grace)"))
    }
  }

  // MARK: Connecting

  private func admit(_ socket: consuming StreamSocket) {
    let connection = ForwardedConnection(socket, settings, supplies)
    connection.dial = TargetDial(to: target, by: settings.connector, within: settings.connectLimit)
    members.add(connection)
    if own != nil, isOwn(connection, isAccepted: true, from: connection.remote, to: connection.local) {
      return remove(connection, .failed(circle))
    }
    if case .address(let address) = target { return begin(connection, to: [address]) }
    do {
      try lookups?.add(connection)
      noteDeadline(of: connection)
    } catch {
      remove(connection, .failed(Failure(error)))
    }
  }

  private func takeAnswers() {
    for answer in lookups?.answers() ?? [] {
      switch answer.result {
      case .success(let addresses): begin(answer.connection, to: addresses)
      case .failure(let error): remove(answer.connection, .failed(Failure(error)))
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
    var isCircle = false
    let watch: TargetDial.Watch = { [unowned self] (number) throws(SystemError) in
      try members.addAttempt(number, of: connection)
      // At once, so that it is known before its other end is accepted.
      if own != nil, let local = StreamSocket.localAddress(of: number),
        let remote = StreamSocket.remoteAddress(of: number)
      {
        isCircle = isOwn(connection, isAccepted: false, from: local, to: remote)
      }
    }
    let outcome = step(dial, watch)
    guard !isCircle else { return remove(connection, .failed(circle)) }
    switch consume outcome {
    case .connected(let socket): open(connection, to: socket)
    case .failed(let failure): remove(connection, .failed(failure))
    case .pending: noteDeadline(of: connection)
    case .short(let error):
      reception.wait(because: error)
      noteDeadline(of: connection)
    }
  }

  private func open(_ connection: ForwardedConnection, to socket: consuming StreamSocket) {
    let (local, remote) = (socket.local, socket.remote)
    guard local != remote else {
      // A port that nobody listens on, and that the kernel chose for our end: TCP then connects us to ourselves.
      let refusal = SystemError(.connect(remote), .connectionRefused)
      return remove(connection, .failed(Failure(refusal)))
    }
    if own != nil, isOwn(connection, isAccepted: false, from: local, to: remote) {
      return remove(connection, .failed(circle))
    }
    members.addTarget(socket.number, of: connection)
    endDial(of: connection)
    report(.connected(client: connection.remote, from: local, to: remote))
    connection.open(to: socket, at: .now)
    settle(connection)
  }

  /// Adds an end of a connection to those that are ours.
  ///
  /// - Returns: Whether its other end is ours too.
  private func isOwn(
    _ connection: ForwardedConnection, isAccepted: Bool, from client: Address, to server: Address
  ) -> Bool {
    let end = SelfConnections.End(isAccepted: isAccepted, client: client, server: server)
    connection.ends.append(end)
    return own?.add(end) == true
  }

  private var circle: Failure {
    Failure(.unavailable, "the target \(target.name) leads back to this forwarder")
  }

  /// Forgets the attempts, which closes all but the one that won.
  private func endDial(of connection: ForwardedConnection) {
    guard let dial = connection.dial else { return }
    members.removeAttempts(dial.watched, of: connection)
    connection.dial = nil
  }

  // MARK: Going on

  private func attend(_ member: ForwardMembers.Member, _ event: EventQueue.Event, at now: Deadline) {
    let connection = member.connection
    switch member.role {
    case .attempt: dial(connection) { $0.proceed(event.descriptor, watch: $1) }
    // Whoever had this descriptor before has left in the same turn; the client cannot be ready for anything yet.
    case .side where connection.dial != nil: break
    case .side(let side):
      let (step, isUseful) = connection.proceed(side, event.readiness, at: now)
      take(step, of: connection)
      let hasHungUp = !event.readiness.isDisjoint(with: [.hungUp, .failed])
      if hasHungUp, !isUseful, !connection.isOver {
        attempt(for: connection) { () throws(SystemError) in try members.silence(event.descriptor) }
      }
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

  private func settle(_ connection: ForwardedConnection) {
    noteDeadline(of: connection)
    attempt(for: connection) { () throws(SystemError) in try members.settle(connection) }
  }

  /// Does what can fail for want of memory in the kernel, which costs that one connection.
  private func attempt(for connection: ForwardedConnection, _ body: () throws(SystemError) -> Void) {
    do { try body() } catch { remove(connection, .broken("\(error)")) }
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
    for slot in members.slots {
      guard let connection = members.connection(at: slot) else { continue }
      if connection.deadline > now {
        noteDeadline(of: connection)
      } else if connection.dial != nil {
        dial(connection) { $0.proceed(nil, watch: $1) }
      } else {
        take(connection.deadlinePassed(at: now), of: connection)
      }
    }
    lookups?.removeEnded()
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
    case .broken(let reason): report(.broken(client: connection.remote, reason))
    case .failed(let failure): report(.failed(client: connection.remote, failure))
    }
    if case .orderly = ending {} else { connection.breakOff() }
    report(
      .closed(
        client: connection.remote, toTarget: connection.counts.toTarget, toClient: connection.counts.toClient,
        duration: connection.began.duration(until: .now)))
    own?.remove(connection.ends)
    endDial(of: connection)
    members.remove(connection)
    reception.giveBack()
  }
}
