// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Accepts clients for an event loop: no more than there is room for, and none while the system lacks something.
///
/// The loop takes clients by `next()` whenever the door is ready, tells of each that leaves by `giveBack()`, and
/// calls `settle` once a turn.
struct Reception {
  private let admission: Admission
  private let door: Door
  private let capacity: Capacity
  private var shortage = Shortage()
  private let overload: Overload?
  private var isOpen = true
  private var isWatched = false
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
  init(_ admission: Admission, through door: Door, within capacity: Capacity, overload: Overload? = nil) {
    self.admission = admission
    self.door = door
    self.capacity = capacity
    self.overload = overload
  }

  /// The descriptor that is ready for reading when a client waits.
  var number: FileDescriptor { door.number }

  /// Whether nobody is let in for now.
  var isPaused: Bool { pause != nil }

  /// When to settle at the latest.
  var nextLook: Deadline { min(pause ?? .never, isOverloaded ? .never : overload?.end ?? .never) }

  /// Whether waiting clients are reset.
  private var isOverloaded: Bool { overload?.end.hasPassed == true }

  /// The next client that may be served, for whom room is taken; `nil` if it is the others' turn.
  mutating func next() throws(SystemError) -> StreamSocket? {
    guard isOpen, burst < Self.mostAtOnce else { return nil }
    if pause == nil, let socket = try clientWithRoom() {
      burst += 1
      overload?.stop()
      return socket
    }
    if pause != nil, isOverloaded { resetWaiting() }
    return nil
  }

  private mutating func clientWithRoom() throws(SystemError) -> StreamSocket? {
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

  private mutating func resetWaiting() {
    while burst < Self.mostAtOnce, let peer = overload?.reset(through: door) {
      burst += 1
      admission.report(.overloaded(peer))
    }
  }

  private mutating func arrival() throws(SystemError) -> StreamSocket? {
    while true {
      switch try admission.accept(through: door) {
      case .client(let socket): return socket
      case .refused: continue
      case .nobody: return nil
      case .failed(let error):
        wait(because: error)
        return nil
      }
    }
  }

  /// Lets nobody in until the system may have again what it lacks.
  mutating func wait(because error: SystemError) {
    shortage.begin(because: error) { admission.report(.short($0)) }
    overload?.begin()
    pause = shortage.end
  }

  /// Makes room for another client.
  func giveBack() { capacity.giveBack() }

  /// Watches the door while clients can be let in, and not otherwise.
  mutating func settle(in queue: borrowing EventQueue) throws(SystemError) {
    burst = 0
    if let end = pause, end == .never ? capacity.hasRoom : end.hasPassed { pause = nil }
    let isWanted = isOpen && (pause == nil || isOverloaded)
    guard isWanted != isWatched else { return }
    do {
      if isWanted { try queue.add(number, for: .readable) } else { try queue.remove(number) }
      isWatched = isWanted
    } catch {
      guard !error.code.isPermanent else { throw error }
      wait(because: error)
    }
  }

  /// Closes the door: from here on clients are refused.
  mutating func close(in queue: borrowing EventQueue) throws(SystemError) {
    isOpen = false
    try settle(in: queue)
    door.close()
    // What is closed is in no queue.
    isWatched = false
  }
}
