// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// A member of a reactor, as its one owner holds it: releasing it removes the member.
///
/// No event reaches the handler after that, also none that was ready already.
package final class Registration {
  private let reactor: Reactor
  private let member: Reactor.MemberID
  private var isClosed = false

  init(_ reactor: Reactor, _ member: Reactor.MemberID) {
    self.reactor = reactor
    self.member = member
  }

  deinit { reactor.remove(member, isClosed: isClosed) }

  /// What is watched for.
  package var interest: Readiness { reactor.interest(of: member) }

  /// Whether the kernel cannot wait for it, because it is always ready, as a regular file is; known once it was watched for
  /// something.
  package var isAlwaysReady: Bool { reactor.isAlwaysReady(member) }

  /// Watches for something else; an empty interest still reports hang-ups and errors. Nothing is done where it is that
  /// already.
  ///
  /// - Throws: `ENOMEM` and its like.
  package func watch(for interest: Readiness) throws(SystemError) {
    try reactor.change(member, to: interest)
  }

  /// Watches for nothing at all, not even for a hang-up, until `watch(for:)` asks for something.
  package func pause() throws(SystemError) { try reactor.pause(member) }

  /// Sets or replaces the deadline at which the handler is called; `never` removes it.
  package func wake(at deadline: Deadline) { reactor.setDeadline(of: member, to: deadline) }

  /// Declares that the descriptor is closed right after the registration is released, and that no other process has it
  /// open. The close removes it from the queue, which saves a system call.
  package func closesNext() { isClosed = true }
}
