// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Pauses work that fails for lack of descriptors, memory or processes, so that it is not retried in a busy loop, and
/// reports the failure once.
package struct ResourceBackoff {
  /// When to try again; in the past if nothing is lacking.
  package private(set) var end = Deadline.now
  private var lullEnd = Deadline.now

  /// The length of a pause.
  private static let pause = Duration.milliseconds(100)
  /// The time without a shortage after which the next one counts as a new one: under load, each resource that one
  /// client frees is taken by the next.
  private static let lull = Duration.seconds(1)

  /// Creates the initial state, without a failure.
  package init() {}

  /// Starts a pause, and reports the error unless one was reported recently.
  package mutating func begin(because error: IOFailure, report: (IOFailure) -> Void) {
    if lullEnd.hasPassed { report(error) }
    lullEnd = .after(Self.lull)
    end = .after(Self.pause)
  }
}
