// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Pauses work that fails for want of descriptors, memory or processes, so that it does not fail in a busy loop, and reports
/// the failure once.
package struct ResourceBackoff {
  /// When to try again; in the past if nothing is lacking.
  package private(set) var end = Deadline.now
  private var lullEnd = Deadline.now

  /// How long accepting pauses.
  private static let pause = Duration.milliseconds(100)
  /// After how long without it the next one is another: what one client frees the next one takes, again and again.
  private static let lull = Duration.seconds(1)

  /// Creates the state in which nothing has failed.
  package init() {}

  /// Begins a pause, and reports the error unless the last one was reported a moment ago.
  package mutating func begin(because error: SystemError, report: (SystemError) -> Void) {
    if lullEnd.hasPassed { report(error) }
    lullEnd = .after(Self.lull)
    end = .after(Self.pause)
  }
}
