// SPDX-License-Identifier: GPL-3.0-or-later

import DequeModule
import Reactor
import Sockets
import SystemPackage
import Transport

/// Accepts clients as streams whose handshake is complete, such as that of TLS.
///
/// A client whose handshake is not complete does not count as a connection, unless clients beyond the limit are turned
/// away; and it does not delay other clients.
final class StreamAcceptor {
  /// A client whose handshake is not complete.
  private final class Member: ReactorHandler, ListMember {
    let stream: any ByteStream
    var index: Int?
    var registration: Registration?
    /// Whether it takes a place of the limit.
    var hasPlace = true
    /// The number of the work that it waits for, in another thread.
    var work: Int?
    private unowned let owner: StreamAcceptor

    init(_ stream: any ByteStream, of owner: StreamAcceptor) {
      self.stream = stream
      self.owner = owner
    }

    func handle(_ event: Reactor.Event) { owner.proceed(self, event.readiness) }
  }

  private let acceptor: Acceptor
  private let policy: AccessPolicy
  private let limit: ConnectionLimit
  private let reactor: Reactor
  private let makeStream: StreamMaking
  private lazy var background = BackgroundWork(in: ThreadPool(), for: reactor)
  private var members = MemberList<Member>()
  /// The clients whose handshake is complete, and that have no place yet.
  private var complete: Deque<any ByteStream> = []
  private var ready: () throws(IOFailure) -> Void = {}
  /// Called when a handshake has failed.
  var handshakeFailed: (IOFailure, Address) -> Void = { _, _ in }

  /// The number of clients without a place; the handshakes of further ones take a place.
  private static let mostWithoutPlace = 256

  /// - Parameters:
  ///   - limit: The maximum number of connections; further clients wait in the backlog.
  ///   - shedder: Resets waiting clients if descriptors are lacking for long; `nil` lets them wait.
  init(
    _ policy: AccessPolicy, on listeners: ListenerGroup, within limit: ConnectionLimit,
    shedder: LoadShedder? = nil, in reactor: Reactor, makeStream: @escaping StreamMaking
  ) {
    self.policy = policy
    self.limit = limit
    self.reactor = reactor
    self.makeStream = makeStream
    acceptor = Acceptor(policy, on: listeners, within: limit, shedder: shedder, in: reactor)
  }

  /// Starts to accept.
  ///
  /// - Parameter ready: Called when clients may be waiting.
  /// - Throws: `EMFILE` and similar errors.
  func start(_ ready: @escaping () throws(IOFailure) -> Void) throws(IOFailure) {
    self.ready = ready
    try acceptor.start(ready)
  }

  /// Whether the listening sockets are open.
  var isOpen: Bool { acceptor.isOpen }

  /// Whether there was only one connection, and `next()` has returned it or it has failed.
  var isExhausted: Bool { acceptor.isExhausted && members.all.isEmpty && complete.isEmpty }

  /// The next client to serve; `nil` if none is waiting, or other events must be handled first.
  ///
  /// - Throws: A permanent error of a listening socket.
  func next() throws(IOFailure) -> (any ByteStream)? {
    if !complete.isEmpty, !acceptor.isPaused, limit.take() { return complete.removeFirst() }
    while let socket = try acceptor.next() {
      let stream = makeStream(socket, 0)
      do throws(IOFailure) {
        if try stream.handshake() == .done { return stream }
        try add(stream)
      } catch {
        fail(stream, because: error)
        acceptor.giveBack()
      }
    }
    return nil
  }

  private func add(_ stream: any ByteStream) throws(IOFailure) {
    let member = Member(stream, of: self)
    member.registration = try reactor.register(stream.descriptor, for: nil, member)
    do throws(IOFailure) { try wait(for: member) } catch {
      detach(member)
      throw error
    }
    members.add(member)
    // Those that are turned away are told apart now, and none waits later.
    guard !policy.turnsAwayWhenFull, members.all.count + complete.count <= Self.mostWithoutPlace else {
      return
    }
    member.hasPlace = false
    acceptor.giveBack()
  }

  private func proceed(_ member: Member, _ readiness: Readiness = []) {
    let stream = member.stream
    if member.work != nil, readiness.hasBroken {
      let reason = (try? stream.takeError()) ?? .errno(.connectionReset)
      remove(member)
      return fail(stream, because: stream.readError(reason))
    }
    do throws(IOFailure) {
      guard try stream.handshake() == .done else {
        return try wait(for: member)
      }
    } catch {
      remove(member)
      return fail(stream, because: error)
    }
    remove(member)
    complete.append(stream)
    callReady()
  }

  /// Waits until the handshake of a client can continue.
  private func wait(for member: Member) throws(IOFailure) {
    let stream = member.stream
    if let work = stream.takeHandshakeWork() {
      member.work = try background.run(work) { [unowned self] in
        member.work = nil
        proceed(member)
      }
      // A client that resets is not waited for.
      try member.registration?.watch(for: [])
    } else if member.work == nil {
      try member.registration?.watch(for: stream.interest(reading: false, writing: false))
    }
    member.registration?.wake(at: stream.deadline)
  }

  /// Ends the registration, by which the reactor keeps the member and its connection.
  private func detach(_ member: Member) {
    member.registration = nil
    if let work = member.work { background.abandon(work) }
  }

  private func remove(_ member: Member) {
    detach(member)
    members.remove(member)
    if member.hasPlace { acceptor.giveBack() }
  }

  private func fail(_ stream: any ByteStream, because error: IOFailure) {
    stream.abortOnClose()
    policy.report(.handshakeFailed(error, for: stream.remote))
    handshakeFailed(error, stream.remote)
    if isExhausted { reactor.stop() }
  }

  private func callReady() {
    reactor.later { [weak self] () throws(IOFailure) in try self?.ready() }
  }

  /// Keeps a client that could not be served because the system lacks a resource: it is the next one after a pause.
  func putBack(_ stream: any ByteStream, because error: IOFailure) {
    complete.prepend(stream)
    acceptor.giveBack()
    wait(because: error)
  }

  /// Stops accepting until the resource that the system lacks may be available again.
  func wait(because error: IOFailure) { acceptor.wait(because: error) }

  /// Notes that a connection has ended, so that another client can be accepted.
  func giveBack() {
    acceptor.giveBack()
    if !complete.isEmpty { callReady() }
  }

  /// Closes the listening sockets, and resets the clients that are not served yet.
  func close() {
    acceptor.close()
    for member in members.all { remove(member) }
    complete = []
  }
}
