// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// The queue and clock that a reactor waits with: those of the kernel, or those of a test.
package protocol ReadinessQueue: AnyObject {
  /// The current time.
  var now: Deadline { get }

  /// Whether closing a descriptor removes it from the queue.
  var isClearedByClosing: Bool { get }

  /// Watches one more descriptor.
  ///
  /// - Parameter datum: The value that its events carry, unique among the members.
  /// - Throws: `EPERM` for a descriptor that is always ready, such as a regular file; `ENOMEM` and similar errors.
  func add(_ member: FileDescriptor, for interest: Readiness, datum: UInt64) throws(IOFailure)
  /// Changes the interest in a descriptor; an empty interest still reports hang-ups and errors.
  func change(_ member: FileDescriptor, to interest: Readiness, datum: UInt64) throws(IOFailure)
  /// Stops watching a descriptor.
  func remove(_ member: FileDescriptor, datum: UInt64) throws(IOFailure)
  /// Waits until descriptors are ready or the deadline has passed.
  ///
  /// - Returns: The ready ones; none when the deadline has passed.
  func wait(until deadline: Deadline) throws(IOFailure) -> [EventQueue.Event]
}

/// The kernel's event queue, `epoll(7)`, and its monotonic clock.
package final class KernelQueue: ReadinessQueue {
  private var queue: EventQueue

  /// - Throws: `EMFILE` and similar errors.
  package init() throws(IOFailure) { queue = try EventQueue() }

  /// Readable while a member is ready, so that another queue can wait for this one.
  package var descriptor: FileDescriptor { queue.descriptor }

  package var now: Deadline { .now }
  package var isClearedByClosing: Bool { true }

  package func add(
    _ member: FileDescriptor, for interest: Readiness, datum: UInt64
  ) throws(IOFailure) {
    try queue.add(member, for: interest, datum: datum)
  }

  package func change(
    _ member: FileDescriptor, to interest: Readiness, datum: UInt64
  ) throws(IOFailure) {
    try queue.change(member, to: interest, datum: datum)
  }

  package func remove(_ member: FileDescriptor, datum _: UInt64) throws(IOFailure) {
    try queue.remove(member)
  }

  package func wait(until deadline: Deadline) throws(IOFailure) -> [EventQueue.Event] {
    try queue.wait(until: deadline)
  }
}

/// The kernel's `ppoll(2)` and its monotonic clock: for a few descriptors whose interest changes in each turn, because
/// a change costs no system call. It can wait for regular files, too, which are always ready.
package final class PollQueue: ReadinessQueue {
  private var set = PollSet()
  private var data: [UInt64] = []

  /// Creates a queue without members, which needs no descriptor.
  package init() {}

  package var now: Deadline { .now }
  package var isClearedByClosing: Bool { false }

  package func add(_ member: FileDescriptor, for interest: Readiness, datum: UInt64) {
    set.add(member, for: interest)
    data.append(datum)
  }

  package func change(_: FileDescriptor, to interest: Readiness, datum: UInt64) {
    if let index = data.firstIndex(of: datum) { set.change(index, to: interest) }
  }

  package func remove(_: FileDescriptor, datum: UInt64) {
    guard let index = data.firstIndex(of: datum) else { return }
    data.remove(at: index)
    set.remove(index)
  }

  package func wait(until deadline: Deadline) throws(IOFailure) -> [EventQueue.Event] {
    guard try set.wait(until: deadline) else { return [] }
    var events: [EventQueue.Event] = []
    for index in data.indices where !set.readiness(index).isEmpty {
      events.append(EventQueue.Event(datum: data[index], readiness: set.readiness(index)))
    }
    return events
  }
}
