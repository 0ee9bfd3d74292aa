// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// A lack of descriptors, memory or processes, which passes: accepting pauses, and it is told of once.
struct Shortage {
  /// When to try again; in the past if nothing is lacking.
  private(set) var end = Deadline.now
  private var lullEnd = Deadline.now

  /// How long accepting pauses.
  private static let pause = Duration.milliseconds(100)
  /// After how long without it the next one is another: what one client frees the next one takes, again and again.
  private static let lull = Duration.seconds(1)

  /// Takes note that the system lacks something.
  mutating func begin(because error: SystemError, report: (ServerEvent) -> Void) {
    if lullEnd.hasPassed { report(.short(error)) }
    lullEnd = .after(Self.lull)
    end = .after(Self.pause)
  }
}
