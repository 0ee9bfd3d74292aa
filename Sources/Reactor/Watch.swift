// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A descriptor that a reactor watches for code that goes on by itself after each turn, and asks then what was ready.
///
/// Releasing it ends the watching.
package final class Watch {
  private final class Findings: ReactorHandler {
    var readiness: Readiness = []
    func handle(_ event: Reactor.Event) { readiness.formUnion(event.readiness) }
  }

  /// The descriptor.
  package let descriptor: FileDescriptor
  private let findings = Findings()
  private let registration: Registration

  /// Begins to watch.
  ///
  /// - Parameter interest: What to watch for; an empty interest still reports hang-ups and errors, and `nil` nothing at all.
  /// - Throws: `ENOMEM` and its like.
  package init(
    _ descriptor: FileDescriptor, for interest: Readiness? = nil, in reactor: Reactor
  ) throws(SystemError) {
    self.descriptor = descriptor
    registration = try reactor.register(descriptor, for: interest, findings)
  }

  /// Watches for something else; `nil` for nothing at all.
  ///
  /// - Throws: `ENOMEM` and its like.
  package func watch(for interest: Readiness?) throws(SystemError) {
    if let interest { try registration.watch(for: interest) } else { try registration.pause() }
  }

  /// What the descriptor was ready for in the turns since this was last asked.
  package func take() -> Readiness {
    let found = findings.readiness
    findings.readiness = Readiness()
    return found
  }
}
