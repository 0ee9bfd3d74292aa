// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Services
import Sockets
import Transport

/// Serves any number of connections in one thread, driven by readiness events.
final class EventLoop: ServingLoop {
  let reactor: Reactor
  private let host: ConnectionHost
  private let acceptor: StreamAcceptor
  private let background: BackgroundWork
  /// Handles the events of all connections.
  private var handler: ReactorAction?
  private var members = MemberList<Member>()
  private let resources = CopyResources(pipes: 0)
  /// The end of the grace period; `nil` until the loop is told to stop.
  private var graceEnd: Registration?

  /// - Parameters:
  ///   - limit: The maximum number of connections; further clients wait in the backlog.
  ///   - threads: The threads for long work.
  /// - Throws: `EMFILE` and similar errors.
  init(
    _ host: ConnectionHost, on listeners: ListenerGroup, within limit: ConnectionLimit,
    _ threads: ThreadPool
  ) throws(IOFailure) {
    self.host = host
    reactor = try Reactor()
    background = BackgroundWork(in: threads, for: reactor)
    acceptor = StreamAcceptor(
      host.policy, on: listeners, within: limit, in: reactor, makeStream: host.settings.makeStream)
    handler = ReactorAction { [unowned self] event in handle(event) }
    try acceptor.start { [unowned self] () throws(IOFailure) in
      while let stream = try acceptor.next() { add(host.connection(over: stream)) }
    }
  }

  /// Stops accepting, and closes connections on which no answer is due.
  func stop() {
    guard graceEnd == nil else { return }
    acceptor.close()
    let now = reactor.now
    for member in members.all {
      member.connection.isLast = true
      proceed(member, at: now)
    }
    guard !members.all.isEmpty else { return reactor.stop() }
    graceEnd = reactor.timer(after: host.settings.grace) { [unowned self] in reactor.stop() }
  }

  /// Resets the remaining connections.
  func endAll() {
    for member in members.all { remove(member, .cutOff(because: .serverEnded)) }
    (handler, graceEnd) = (nil, nil)
    acceptor.close()
  }

  // MARK: Connections

  /// A connection and its registration.
  private final class Member: ListMember {
    let connection: ServiceConnection
    /// The index among the members of the loop.
    var index: Int?
    /// The registration of the socket; `nil` once the connection is over.
    var registration: Registration?
    /// The long work that it waits for, or waited for last, and its number.
    var work: (LongWork, number: Int)?

    init(_ connection: ServiceConnection) { self.connection = connection }
  }

  private func handle(_ event: Reactor.Event) {
    guard let owner = event.owner else { return }
    // A checked cast would cost as much as echoing a few bytes.
    let member = unsafe unsafeDowncast(owner, to: Member.self)
    if event.readiness.isEmpty {
      advance(
        member, member.connection.deadlinePassed(with: resources, at: event.now, idle: host.settings.idle))
    } else {
      proceed(member, at: event.now)
    }
  }

  /// Takes the step that the readiness of a connection's socket allows.
  private func proceed(_ member: Member, at now: Deadline) {
    advance(member, member.connection.proceed(with: resources, at: now))
  }

  private func add(_ connection: ServiceConnection) {
    guard let handler else { return }
    let member = Member(connection)
    members.add(member)
    do {
      let registration = try reactor.register(connection.descriptor, for: .readable, handler, owner: member)
      registration.closesNext()
      member.registration = registration
      advance(member, connection.begin(with: resources))
    } catch {
      remove(member, .failed(error))
    }
  }

  /// Acts on the step of a connection.
  private func advance(_ member: Member, _ step: ServiceConnection.Step) {
    switch step {
    case .await(let interest):
      // The result of long work is released once it is sent, rather than kept as long as the client stays.
      if member.work != nil { member.work = nil }
      noteDeadline(of: member)
      attempt(for: member) { (registration) throws(IOFailure) in try registration.watch(for: interest) }
    case .perform(let work): perform(work, for: member)
    case .over(let ending): remove(member, ending)
    }
  }

  private func noteDeadline(of member: Member) {
    member.registration?.wake(at: member.connection.deadline(idle: host.settings.idle))
  }

  /// Runs an operation that may fail for lack of kernel memory; a failure ends only this connection.
  private func attempt(for member: Member, _ body: (Registration) throws(IOFailure) -> Void) {
    guard let registration = member.registration else { return }
    do { try body(registration) } catch { remove(member, .failed(error)) }
  }

  /// Runs long work in another thread, unless it is already running there.
  private func perform(_ work: LongWork, for member: Member) {
    guard work != member.work?.0 else { return }
    attempt(for: member) { (registration) throws(IOFailure) in
      let number = try background.run(work.perform) { [unowned self] in proceed(member, at: reactor.now) }
      member.work = (work, number)
      // A hang-up would be reported in every turn.
      try registration.pause()
      registration.wake(at: .never)
    }
  }

  private func remove(_ member: Member, _ ending: ConnectionEnding) {
    host.reportEnd(of: member.connection, ending)
    // The socket is closed when the member is released.
    member.registration = nil
    if let work = member.work { background.abandon(work.number) }
    members.remove(member)
    acceptor.giveBack()
    if members.all.isEmpty, !acceptor.isOpen { reactor.stop() }
  }
}
