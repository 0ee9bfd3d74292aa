// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// A queue that waits for any number of descriptors together: `epoll(7)`, level-triggered.
package struct EventQueue: ~Copyable {
  /// A member that is ready for something.
  package struct Event: Sendable {
    /// The value that the member was added with.
    package let datum: UInt64
    /// What the member is ready for.
    package let readiness: Readiness

    /// Creates an event.
    package init(datum: UInt64, readiness: Readiness) {
      self.datum = datum
      self.readiness = readiness
    }

    /// The member's descriptor, if the datum is its number.
    package var descriptor: FileDescriptor { FileDescriptor(rawValue: CInt(truncatingIfNeeded: datum)) }
  }

  private let owned: Descriptor
  /// The queue's own descriptor: readable while a member is ready, so that a queue can be a member of another queue.
  package var descriptor: FileDescriptor { owned.number }
  private var ready = [csockkit_event](
    repeating: csockkit_event(datum: 0, events: 0), count: mostEvents)

  /// The maximum number of events that one wait returns.
  private static let mostEvents = 64

  /// - Throws: `EMFILE` and similar errors.
  package init() throws(IOFailure) {
    owned = Descriptor(
      adopting: try attempting(.create("an event queue")) { () throws(Errno) in
        try systemCall("epoll_create1(EPOLL_CLOEXEC)") { csockkit_epoll_create() }
      })
  }

  /// Watches one more descriptor; closing the descriptor removes it.
  ///
  /// - Parameter datum: The value that its events carry; by default the descriptor's number.
  /// - Throws: `EPERM` for a descriptor that is always ready, such as a regular file.
  package func add(
    _ member: FileDescriptor, for interest: Readiness, datum: UInt64? = nil
  ) throws(IOFailure) {
    try control("EPOLL_CTL_ADD", csockkit_epoll_add, member, interest, datum)
  }

  /// Changes the interest in a descriptor; an empty interest still reports hang-ups and errors.
  package func change(
    _ member: FileDescriptor, to interest: Readiness, datum: UInt64? = nil
  ) throws(IOFailure) {
    try control("EPOLL_CTL_MOD", csockkit_epoll_modify, member, interest, datum)
  }

  /// Stops watching a descriptor.
  package func remove(_ member: FileDescriptor) throws(IOFailure) {
    try control("EPOLL_CTL_DEL", csockkit_epoll_remove, member, [], nil)
  }

  private func control(
    _ name: String, _ operation: CInt, _ member: FileDescriptor, _ interest: Readiness, _ datum: UInt64?
  ) throws(IOFailure) {
    let (queue, number) = (descriptor.rawValue, member.rawValue)
    _ = try attempting(.wait) { () throws(Errno) in
      try systemCall("epoll_ctl(\(queue), \(name), \(number))") {
        csockkit_epoll_control(
          queue, operation, number, interest.rawValue, datum ?? UInt64(UInt32(bitPattern: number)))
      }
    }
  }

  /// Waits until descriptors are ready or the deadline has passed.
  ///
  /// - Returns: The ready ones, at most 64 at a time; none when the deadline has passed.
  package mutating func wait(until deadline: Deadline) throws(IOFailure) -> [Event] {
    let queue = descriptor.rawValue
    while true {
      let timeout = deadline.pollTimeout
      do {
        let count = try systemCall("epoll_wait(\(queue), \(Self.mostEvents), \(timeout))", retrying: false) {
          unsafe csockkit_epoll_wait(queue, &ready, CInt(ready.count), timeout)
        }
        if count > 0 || deadline.hasPassed {
          return ready.prefix(Int(count)).map {
            Event(datum: $0.datum, readiness: Readiness(rawValue: $0.events))
          }
        }
      } catch {
        try FailedWait.recover(from: error, until: deadline)
        if error != .interrupted, deadline.hasPassed { return [] }
      }
    }
  }
}
