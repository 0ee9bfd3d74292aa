// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A member of a reactor, held by its one owner: releasing it removes the member.
///
/// No event reaches the handler afterwards, not even one that was already pending.
package final class Registration {
  private let reactor: Reactor
  private let member: Reactor.MemberID
  private var isClosed = false

  init(_ reactor: Reactor, _ member: Reactor.MemberID) {
    self.reactor = reactor
    self.member = member
  }

  deinit { reactor.remove(member, isClosed: isClosed) }

  /// The current interest.
  package var interest: Readiness { reactor.interest(of: member) }

  /// Whether the descriptor is always ready, so that the kernel cannot wait for it, as with a regular file; valid once
  /// it has been watched.
  package var isAlwaysReady: Bool { reactor.isAlwaysReady(member) }

  /// Changes the interest; an empty interest still reports hang-ups and errors. An unchanged interest costs nothing.
  ///
  /// - Throws: `ENOMEM` and similar errors.
  package func watch(for interest: Readiness) throws(IOFailure) {
    try reactor.change(member, to: interest)
  }

  /// Stops watching, even for hang-ups, until `watch(for:)` is called.
  package func pause() throws(IOFailure) { try reactor.pause(member) }

  /// Sets or replaces the deadline at which the handler is called; `never` removes it.
  package func wake(at deadline: Deadline) { reactor.setDeadline(of: member, to: deadline) }

  /// Declares that the descriptor is closed right after the registration is released, and that no other process has it
  /// open. Closing then removes it from the queue, which saves a system call.
  package func closesNext() { isClosed = true }
}
