// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// What a reactor waits with: the kernel's event queue and clock, or those of a test.
package protocol ReadinessQueue: AnyObject {
  /// The present moment.
  var now: Deadline { get }

  /// Watches one more descriptor; closing the descriptor removes it.
  ///
  /// - Parameter datum: What its events carry.
  /// - Throws: `EPERM` for what is always ready, such as a regular file; `ENOMEM` and its like.
  func add(_ member: FileDescriptor, for interest: Readiness, datum: UInt64) throws(SystemError)
  /// Watches a descriptor for something else; an empty interest still reports hang-ups and errors.
  func change(_ member: FileDescriptor, to interest: Readiness, datum: UInt64) throws(SystemError)
  /// Watches a descriptor no longer.
  func remove(_ member: FileDescriptor) throws(SystemError)
  /// Waits until descriptors are ready or the deadline has come.
  ///
  /// - Returns: Those that are ready; none when the deadline has come.
  func wait(until deadline: Deadline) throws(SystemError) -> [EventQueue.Event]
}

/// The kernel's event queue, `epoll(7)`, and its monotonic clock.
package final class KernelQueue: ReadinessQueue {
  private var queue: EventQueue

  /// - Throws: `EMFILE` and its like.
  package init() throws(SystemError) { queue = try EventQueue() }

  package var now: Deadline { .now }

  package func add(
    _ member: FileDescriptor, for interest: Readiness, datum: UInt64
  ) throws(SystemError) {
    try queue.add(member, for: interest, datum: datum)
  }

  package func change(
    _ member: FileDescriptor, to interest: Readiness, datum: UInt64
  ) throws(SystemError) {
    try queue.change(member, to: interest, datum: datum)
  }

  package func remove(_ member: FileDescriptor) throws(SystemError) { try queue.remove(member) }

  package func wait(until deadline: Deadline) throws(SystemError) -> [EventQueue.Event] {
    try queue.wait(until: deadline)
  }
}
