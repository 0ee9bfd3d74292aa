// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sockets

/// Which names to look up.
package struct LookupInvocation {
  /// The source of the names.
  package var names: NameSource
  /// The family of the addresses; `nil` for all.
  package var family: AddressFamily?
  /// The number of simultaneous look-ups.
  package var jobs = 8
  /// The longest time for each name; `nil` for as long as the system's resolver takes.
  package var limit: Duration?

  /// Creates an invocation with the default settings.
  package init(of names: NameSource) { self.names = names }
}

/// Looks up names, and reports those without an answer.
package struct LookupSession {
  private let invocation: LookupInvocation
  private let observer: any SessionObserver
  private let output: HostLookups.Report

  /// Creates a session.
  ///
  /// - Parameter output: Receives each answer, in the order of the names.
  package init(
    _ invocation: LookupInvocation, _ observer: any SessionObserver, output: @escaping HostLookups.Report
  ) {
    self.invocation = invocation
    self.observer = observer
    self.output = output
  }

  /// Looks up all names.
  ///
  /// - Returns: Success if each name has an answer.
  /// - Throws: A failure other than those of the look-ups.
  package func run() throws(Failure) -> SessionOutcome {
    let (observer, output) = (observer, output)
    try Sandbox.begin(SandboxNeeds(), observer).report()
    var statuses: Set<ExitStatus> = []
    let lookups = HostLookups(
      of: invocation.names, family: invocation.family, jobs: invocation.jobs, limit: invocation.limit
    ) { (answer) throws(IOFailure) in
      try output(answer)
      guard let failure = answer.failure else { return }
      observer.report(.failed(failure))
      statuses.insert(failure.status)
    }
    do throws(IOFailure) { try lookups.run() } catch { return try SessionOutcome(of: error) }
    // A definite failure takes precedence over one that another attempt may avoid.
    let order = [ExitStatus.unknownName, .timedOut, .noResources]
    return .exited(order.first(where: statuses.contains) ?? .success)
  }
}
