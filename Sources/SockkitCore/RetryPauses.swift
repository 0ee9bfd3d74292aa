// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// The pauses from one try at somebody who is not there yet to the next: each twice as long as the one before, up
/// to half a second.
struct RetryPauses {
  private var pause = Duration.milliseconds(50)
  private static let longest = Duration.milliseconds(500)

  /// The next pause.
  mutating func next() -> Duration {
    defer { pause = min(pause * 2, Self.longest) }
    return pause
  }
}

extension Errno {
  /// Whether the reason not to connect may go away by itself: nobody listens yet, or the network is not there yet.
  var mayPass: Bool {
    [
      .connectionRefused, .noRouteToHost, .networkUnreachable, .networkDown, .hostIsDown, .timedOut,
      .noSuchFileOrDirectory,
    ].contains(self)
  }
}
