// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage

/// Accepts clients for a reactor's loop: no more than there is room for, and none while the system lacks something.
///
/// The loop takes clients by `next()` when they may wait, and reports each connection that has ended by `giveBack()`.
final class Acceptor: ReactorHandler {
  private let admission: Admission
  private let listeners: ListenerGroup
  private let capacity: Capacity
  private let reactor: Reactor
  private let overload: Overload?
  private var shortage = Shortage()
  /// What is watched of the listeners while they are open, and the moments at which accepting goes on.
  private var registrations: [Registration] = []
  private var timer: Registration?
  /// Takes the clients that wait.
  private var ready: () throws(SystemError) -> Void = {}
  /// A client that was accepted, and could not be served for want of something that the system lacks.
  private var kept: StreamSocket?
  /// When to accept again: `nil` while accepting, `never` for when a connection ends.
  private var pause: Deadline?
  private var burst = 0

  /// How many connections are accepted before others are looked after.
  private static let mostAtOnce = 64
  /// How long accepting pauses where only another loop may make room.
  private static let roomPause = Duration.milliseconds(50)

  /// - Parameters:
  ///   - capacity: How many connections there may be; the rest waits in the backlog.
  ///   - overload: What ends the waiting where there are no descriptors; `nil` lets clients wait.
  init(
    _ admission: Admission, on listeners: ListenerGroup, within capacity: Capacity, overload: Overload? = nil,
    in reactor: Reactor
  ) {
    self.admission = admission
    self.listeners = listeners
    self.capacity = capacity
    self.overload = overload
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
  private var isOverloaded: Bool { overload?.end.hasPassed == true }

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

  /// The next client that may be served, for which room is taken; `nil` if it is the others' turn.
  ///
  /// - Throws: What breaks a listener.
  func next() throws(SystemError) -> StreamSocket? {
    if pause == nil, let socket = kept.take() { return socket }
    guard isOpen, burst < Self.mostAtOnce else { return nil }
    if pause == nil, let socket = try clientWithRoom() {
      burst += 1
      overload?.stop()
      return socket
    }
    if pause != nil, isOverloaded { resetWaiting() }
    return nil
  }

  private func clientWithRoom() throws(SystemError) -> StreamSocket? {
    guard capacity.take() else {
      pause = capacity.isShared ? .after(Self.roomPause) : .never
      if capacity.isOfDescriptors { overload?.begin() }
      return nil
    }
    guard let socket = try arrival() else {
      capacity.giveBack()
      return nil
    }
    return socket
  }

  private func resetWaiting() {
    while burst < Self.mostAtOnce, let peer = overload?.reset(on: listeners) {
      burst += 1
      admission.report(.overloaded(peer))
    }
  }

  private func arrival() throws(SystemError) -> StreamSocket? {
    while true {
      switch try admission.accept(on: listeners) {
      case .client(let socket): return socket
      case .refused: continue
      case .nobody: return nil
      case .failed(let error):
        wait(because: error)
        return nil
      }
    }
  }

  /// Accepts nothing until the system may have again what it lacks.
  func wait(because error: SystemError) {
    shortage.begin(because: error) { admission.report(.short($0)) }
    overload?.begin()
    pause = shortage.end
    reactor.later { [weak self] () throws(SystemError) in try self?.settle() }
  }

  /// Keeps a client that could not be served for want of something that the system lacks: it is the next one after a pause.
  func putBack(_ client: consuming StreamSocket, because error: SystemError) {
    kept = consume client
    wait(because: error)
  }

  /// Makes room for another client.
  func giveBack() {
    capacity.giveBack()
    guard pause == .never else { return }
    resume()
    reactor.later { [weak self] () throws(SystemError) in try self?.settle() }
  }

  private func resume() {
    if let end = pause, end == .never ? capacity.hasRoom : end <= reactor.now { pause = nil }
  }

  /// Watches the listeners while clients can be accepted, and not otherwise.
  ///
  /// - Throws: What can not be mended by waiting.
  private func settle() throws(SystemError) {
    do {
      for registration in registrations {
        if pause == nil || isOverloaded {
          try registration.watch(for: .readable)
        } else {
          try registration.pause()
        }
      }
    } catch {
      guard !error.code.isPermanent else { throw error }
      return wait(because: error)
    }
    timer?.wake(at: min(pause ?? .never, isOverloaded ? .never : overload?.end ?? .never))
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
