// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// Accepts clients for a reactor's loop: no more than the limit allows, and none while the system lacks something.
///
/// The loop takes clients by `next()` when they may wait, and reports each connection that has ended by `giveBack()`.
final class Acceptor: ReactorHandler {
  private let policy: AccessPolicy
  private let listeners: ListenerGroup
  private let limit: ConnectionLimit
  private let reactor: Reactor
  private let shedder: LoadShedder?
  private var backoff = ResourceBackoff()
  /// What is watched of the listeners while they are open, and the moments at which accepting goes on.
  private var registrations: [Registration] = []
  private var timer: Registration?
  /// Serves the clients that `next()` returns.
  private var ready: () throws(SystemError) -> Void = {}
  /// A client that was accepted, and could not be served for want of something that the system lacks.
  private var kept: StreamSocket?
  /// When to accept again: `nil` while accepting, `never` for when a connection ends.
  private var pause: Deadline?
  private var burst = 0

  /// How many connections are accepted before other events are handled.
  private static let mostAtOnce = 64
  /// How long accepting pauses where a connection of another loop may end first.
  private static let roomPause = Duration.milliseconds(50)

  /// - Parameters:
  ///   - limit: How many connections there may be; the rest waits in the backlog.
  ///   - shedder: Resets waiting clients where there are no descriptors for long; `nil` lets them wait.
  init(
    _ policy: AccessPolicy, on listeners: ListenerGroup, within limit: ConnectionLimit,
    shedder: LoadShedder? = nil,
    in reactor: Reactor
  ) {
    self.policy = policy
    self.listeners = listeners
    self.limit = limit
    self.shedder = shedder
    self.reactor = reactor
  }

  /// Begins to accept.
  ///
  /// - Parameter ready: Called when clients may wait, until the listeners are closed: in a turn after everything else.
  /// - Throws: `EMFILE` and its like.
  func start(_ ready: @escaping () throws(SystemError) -> Void) throws(SystemError) {
    self.ready = ready
    registrations = try listeners.sockets.map { (socket) throws(SystemError) in
      try reactor.register(socket, for: nil, order: .last, self)
    }
    timer = reactor.timer(self)
    try settle()
  }

  /// Whether the listeners are open, and watched.
  var isOpen: Bool { !registrations.isEmpty }

  /// Whether the listeners are closed, and no client is kept.
  var isFinished: Bool { !isOpen && kept == nil }

  /// Whether waiting clients are reset.
  private var isShedding: Bool { shedder?.start.hasPassed == true }

  func handle(_ event: Reactor.Event) throws(SystemError) {
    burst = 0
    if event.descriptor != nil {
      try ready()
    } else {
      resume()
      // Also for a client that is kept.
      reactor.later { [weak self] () throws(SystemError) in
        guard let self, !isFinished, pause == nil else { return }
        try ready()
        try settle()
      }
    }
    try settle()
  }

  /// The next client to serve, which counts against the limit; `nil` if none waits, or other events are to be handled first.
  ///
  /// - Throws: What breaks a listener.
  func next() throws(SystemError) -> StreamSocket? {
    if pause == nil, let socket = kept.take() { return socket }
    guard isOpen, burst < Self.mostAtOnce else { return nil }
    if pause == nil, let socket = try clientWithRoom() {
      burst += 1
      shedder?.noteAccept()
      return socket
    }
    if pause != nil, isShedding { resetWaiting() }
    return nil
  }

  private func clientWithRoom() throws(SystemError) -> StreamSocket? {
    guard limit.take() else {
      pause = limit.isShared ? .after(Self.roomPause) : .never
      if limit.isOfDescriptors { shedder?.noteShortage() }
      return nil
    }
    guard let socket = try accept() else {
      limit.giveBack()
      return nil
    }
    return socket
  }

  /// Accepts a client that may connect, and closes those that may not.
  private func accept() throws(SystemError) -> StreamSocket? {
    do {
      while let socket = try listeners.accept() {
        if policy.admits(socket.remote) {
          policy.report(.accepted(from: socket.remote, on: socket.local))
          return socket
        }
        // Nothing is owed to it.
        try? socket.allowOrderlyClose()
        policy.report(.refused(socket.remote))
      }
    } catch {
      try waitUnlessPermanent(error)
    }
    return nil
  }

  private func resetWaiting() {
    while burst < Self.mostAtOnce, let peer = shedder?.reset(on: listeners) {
      burst += 1
      policy.report(.overloaded(peer))
    }
  }

  /// Pauses for an error that passes, and throws one that breaks a listener.
  private func waitUnlessPermanent(_ error: SystemError) throws(SystemError) {
    guard !error.code.isPermanent else { throw error }
    wait(because: error)
  }

  /// Accepts nothing until the system may have again what it lacks.
  func wait(because error: SystemError) {
    backoff.begin(because: error) { policy.report(.short($0)) }
    shedder?.noteShortage()
    pause = backoff.end
    reactor.later { [weak self] () throws(SystemError) in try self?.settle() }
  }

  /// Keeps a client that could not be served for want of something that the system lacks: it is the next one after a pause.
  func putBack(_ client: consuming StreamSocket, because error: SystemError) {
    kept = consume client
    wait(because: error)
  }

  /// Notes that a connection has ended: another client can be accepted.
  func giveBack() {
    limit.giveBack()
    guard pause == .never else { return }
    resume()
    reactor.later { [weak self] () throws(SystemError) in try self?.settle() }
  }

  private func resume() {
    if let end = pause, end == .never ? limit.hasRoom : end <= reactor.now { pause = nil }
  }

  /// Watches the listeners while clients can be accepted, and not otherwise.
  ///
  /// - Throws: What breaks the waiting.
  private func settle() throws(SystemError) {
    do {
      for registration in registrations {
        if pause == nil || isShedding {
          try registration.watch(for: .readable)
        } else {
          try registration.pause()
        }
      }
    } catch {
      return try waitUnlessPermanent(error)
    }
    timer?.wake(at: min(pause ?? .never, isShedding ? .never : shedder?.start ?? .never))
  }

  /// Closes the listeners: from here on clients are refused. A client that is kept is still tried again.
  func stopListening() {
    registrations = []
    listeners.close()
  }

  /// Closes the listeners, and resets a client that is kept.
  func close() {
    stopListening()
    kept = nil
    timer = nil
  }
}
