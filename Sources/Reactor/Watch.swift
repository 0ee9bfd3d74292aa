// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage

/// A descriptor that a reactor watches for sequential code, which checks after each turn what was ready.
///
/// Releasing it stops watching.
package final class Watch {
  private final class Findings: ReactorHandler {
    var readiness: Readiness = []
    func handle(_ event: Reactor.Event) { readiness.formUnion(event.readiness) }
  }

  /// The descriptor.
  package let descriptor: FileDescriptor
  private let findings = Findings()
  private let registration: Registration

  /// Starts to watch.
  ///
  /// - Parameter interest: What to watch for; an empty interest still reports hang-ups and errors, and `nil` nothing at
  ///   all.
  /// - Throws: `ENOMEM` and similar errors.
  package init(
    _ descriptor: FileDescriptor, for interest: Readiness? = nil, in reactor: Reactor
  ) throws(IOFailure) {
    self.descriptor = descriptor
    registration = try reactor.register(descriptor, for: interest, findings)
  }

  /// Changes the interest; `nil` for nothing at all.
  ///
  /// - Throws: `ENOMEM` and similar errors.
  package func watch(for interest: Readiness?) throws(IOFailure) {
    if let interest { try registration.watch(for: interest) } else { try registration.pause() }
  }

  /// Returns what the descriptor was ready for in the turns since the last call.
  package func take() -> Readiness {
    let found = findings.readiness
    findings.readiness = Readiness()
    return found
  }
}
