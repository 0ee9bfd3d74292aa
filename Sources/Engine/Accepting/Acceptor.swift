// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// Accepts clients for a reactor's loop: at most as many as the limit allows, and none while the system lacks a
/// resource.
///
/// The loop takes clients by `next()` when `ready` is called, and reports each connection that has ended by
/// `giveBack()`.
final class Acceptor: ReactorHandler {
  private let policy: AccessPolicy
  private let listeners: ListenerGroup
  private let limit: ConnectionLimit
  private let reactor: Reactor
  private let shedder: LoadShedder?
  private let status: ConnectionStatus?
  private var backoff = ResourceBackoff()
  /// The watched listening sockets while they are open, and the timer that resumes accepting.
  private var registrations: [Registration] = []
  private var timer: Registration?
  /// Serves the clients that `next()` returns.
  private var ready: () throws(IOFailure) -> Void = {}
  /// A client that was accepted but could not be served because the system lacks a resource.
  private var kept: StreamSocket?
  /// When to resume accepting: `nil` while accepting, `never` until a connection ends.
  private var pause: Deadline?
  private var burst = 0
  /// Whether the only connection of the group is yet to be taken.
  private var awaitsSole = false

  /// The maximum number of connections accepted before other events are handled.
  private static let mostAtOnce = 64
  /// The length of a pause during which a connection of another loop may end.
  private static let roomPause = Duration.milliseconds(50)

  /// - Parameters:
  ///   - limit: The maximum number of connections; further clients wait in the backlog.
  ///   - shedder: Resets waiting clients if descriptors are lacking for long; `nil` lets them wait.
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
    status = ConnectionStatus(of: { limit.count }, in: reactor)
  }

  /// Starts to accept.
  ///
  /// - Parameter ready: Called when clients may be waiting, until the listening sockets are closed: in each turn after
  ///   everything else.
  /// - Throws: `EMFILE` and similar errors.
  func start(_ ready: @escaping () throws(IOFailure) -> Void) throws(IOFailure) {
    self.ready = ready
    registrations = try listeners.sockets.map { (socket) throws(IOFailure) in
      try reactor.register(socket, for: nil, order: .last, self)
    }
    timer = reactor.timer(self)
    if listeners.isSole {
      awaitsSole = true
      reactor.later { [weak self] () throws(IOFailure) in try self?.takeSole() }
    }
    try settle()
  }

  /// Takes the only connection. If its peer may not connect, there is nothing to wait for.
  private func takeSole() throws(IOFailure) {
    awaitsSole = false
    kept = try clientWithRoom()
    if kept == nil { reactor.stop() } else { try ready() }
  }

  /// Whether the listening sockets are open and watched.
  var isOpen: Bool { !registrations.isEmpty }

  /// Whether the listening sockets are closed, and no client is kept.
  var isFinished: Bool { !isOpen && kept == nil && !awaitsSole }

  /// Whether there was only one connection, and it has been taken.
  var isExhausted: Bool { listeners.isSole && isFinished }

  /// Whether no clients are accepted because the limit is reached, or the system lacks a resource.
  var isPaused: Bool { pause != nil }

  /// Whether waiting clients are reset.
  private var isShedding: Bool { shedder?.start.hasPassed == true }

  func handle(_ event: Reactor.Event) throws(IOFailure) {
    burst = 0
    if event.descriptor != nil {
      try ready()
    } else {
      resume()
      // Also for a kept client.
      reactor.later { [weak self] () throws(IOFailure) in
        guard let self, !isFinished, pause == nil else { return }
        try ready()
        try settle()
      }
    }
    try settle()
  }

  /// The next client to serve, which counts against the limit; `nil` if none is waiting, or other events must be
  /// handled first.
  ///
  /// - Throws: A permanent error of a listening socket.
  func next() throws(IOFailure) -> StreamSocket? {
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

  private func clientWithRoom() throws(IOFailure) -> StreamSocket? {
    guard limit.take() else {
      guard !policy.turnsAwayWhenFull else {
        try turnAway()
        return nil
      }
      pause = limit.isShared ? .after(Self.roomPause) : .never
      if limit.isOfDescriptors { shedder?.noteShortage() }
      return nil
    }
    guard let socket = try accept() else {
      limit.giveBack()
      return nil
    }
    status?.noteChange()
    return socket
  }

  /// Closes the waiting clients, for which there is no room.
  private func turnAway() throws(IOFailure) {
    while burst < Self.mostAtOnce, let socket = try accept() {
      burst += 1
      try? socket.setCloseRule(.orderly)
      policy.report(.full(socket.remote, limit: limit.maximum))
    }
  }

  /// Accepts a client that may connect, and closes those that may not.
  private func accept() throws(IOFailure) -> StreamSocket? {
    do {
      while let socket = try listeners.accept() {
        if policy.admits(socket.remote) {
          policy.report(.accepted(from: socket.remote, on: socket.local, over: socket.transport))
          return socket
        }
        // The refused client is closed in order: it was sent nothing that could be cut off.
        try? socket.setCloseRule(.orderly)
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

  /// Pauses for a transient error, and throws a permanent error of a listening socket.
  private func waitUnlessPermanent(_ error: IOFailure) throws(IOFailure) {
    guard !error.code.isPermanent else { throw error }
    wait(because: error)
  }

  /// Stops accepting until the resource that the system lacks may be available again.
  func wait(because error: IOFailure) {
    backoff.begin(because: error) { policy.report(.short($0)) }
    shedder?.noteShortage()
    pause = backoff.end
    reactor.later { [weak self] () throws(IOFailure) in try self?.settle() }
  }

  /// Keeps a client that could not be served because the system lacks a resource: it is the next one after a pause.
  func putBack(_ client: consuming StreamSocket, because error: IOFailure) {
    kept = consume client
    wait(because: error)
  }

  /// Notes that a connection has ended, so that another client can be accepted.
  func giveBack() {
    limit.giveBack()
    status?.noteChange()
    guard pause == .never else { return }
    resume()
    reactor.later { [weak self] () throws(IOFailure) in try self?.settle() }
  }

  private func resume() {
    if let end = pause, end == .never ? limit.hasRoom : end <= reactor.now { pause = nil }
  }

  /// Watches the listening sockets only while clients can be accepted.
  ///
  /// - Throws: An error of the reactor.
  private func settle() throws(IOFailure) {
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

  /// Closes the listening sockets: from here on clients are refused. A kept client is still served.
  func stopListening() {
    registrations = []
    listeners.close()
  }

  /// Closes the listening sockets, and resets a kept client.
  func close() {
    stopListening()
    kept = nil
    timer = nil
  }
}
