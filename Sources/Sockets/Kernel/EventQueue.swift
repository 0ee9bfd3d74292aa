// SPDX-License-Identifier: GPL-3.0-or-later

import CSockkit
package import SystemPackage

/// Sockets to wait for together, however many: `epoll(7)`, level-triggered.
package struct EventQueue: ~Copyable {
  /// A member that is ready for something.
  package struct Event: Sendable {
    /// What the member was added with.
    package let datum: UInt64
    /// What for.
    package let readiness: Readiness

    /// Creates an event.
    package init(datum: UInt64, readiness: Readiness) {
      self.datum = datum
      self.readiness = readiness
    }

    /// The member, where its own number is its datum.
    package var descriptor: FileDescriptor { FileDescriptor(rawValue: CInt(truncatingIfNeeded: datum)) }
  }

  private let descriptor: Descriptor
  /// The queue's own descriptor: readable while one of the members is ready, so that a queue can be a member of another.
  package var number: FileDescriptor { descriptor.number }
  private var ready = [csockkit_event](
    repeating: csockkit_event(datum: 0, events: 0), count: mostEvents)

  /// How many events are taken at a time.
  private static let mostEvents = 64

  /// - Throws: `EMFILE` and its like.
  package init() throws(SystemError) {
    descriptor = Descriptor(
      adopting: try attempting(.create("an event queue")) { () throws(Errno) in
        try systemCall("epoll_create1(EPOLL_CLOEXEC)") { csockkit_epoll_create() }
      })
  }

  /// Watches one more descriptor; closing the descriptor removes it.
  ///
  /// - Parameter datum: What its events carry; the descriptor's number if it is left out.
  /// - Throws: `EPERM` for what is always ready, such as a regular file.
  package func add(
    _ member: FileDescriptor, for interest: Readiness, datum: UInt64? = nil
  ) throws(SystemError) {
    try control("EPOLL_CTL_ADD", csockkit_epoll_add, member, interest, datum)
  }

  /// Watches a descriptor for something else; an empty interest still reports hang-ups and errors.
  package func change(
    _ member: FileDescriptor, to interest: Readiness, datum: UInt64? = nil
  ) throws(SystemError) {
    try control("EPOLL_CTL_MOD", csockkit_epoll_modify, member, interest, datum)
  }

  /// Watches a descriptor no longer.
  package func remove(_ member: FileDescriptor) throws(SystemError) {
    try control("EPOLL_CTL_DEL", csockkit_epoll_remove, member, [], nil)
  }

  private func control(
    _ name: String, _ operation: CInt, _ member: FileDescriptor, _ interest: Readiness, _ datum: UInt64?
  ) throws(SystemError) {
    let (queue, number) = (descriptor.number.rawValue, member.rawValue)
    _ = try attempting(.wait) { () throws(Errno) in
      try systemCall("epoll_ctl(\(queue), \(name), \(number))") {
        csockkit_epoll_control(
          queue, operation, number, interest.rawValue, datum ?? UInt64(UInt32(bitPattern: number)))
      }
    }
  }

  /// Waits until descriptors are ready or the deadline has come.
  ///
  /// - Returns: The ready ones, at most 64 at a time; none when the deadline has come.
  package mutating func wait(until deadline: Deadline) throws(SystemError) -> [Event] {
    let queue = descriptor.number.rawValue
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
