// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// A lack of descriptors, memory or processes, which passes: accepting pauses, and it is told of once.
struct Shortage {
  /// When to try again; in the past if nothing is lacking.
  private(set) var end = Deadline.now
  private var isToldOf = false

  /// How long accepting pauses.
  private static let pause = Duration.milliseconds(100)

  /// Takes note that the system lacks something.
  mutating func begin(because error: SystemError, report: (ServerEvent) -> Void) {
    if !isToldOf { report(.short(error)) }
    isToldOf = true
    end = .after(Self.pause)
  }

  /// Takes note that a connection was accepted.
  mutating func isOver() { isToldOf = false }
}
