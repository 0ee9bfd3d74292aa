// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// When somebody who is not there yet is tried again: after pauses of which each is twice as long as the one before,
/// up to half a second, and a last time shortly before the time is over.
struct Retrying {
  /// By when the last try has to be over.
  let end: Deadline
  private var pause = Duration.milliseconds(50)
  private static let longest = Duration.milliseconds(500)
  /// The time that is kept for the last try.
  private static let lastTry = Duration.milliseconds(50)

  /// - Parameters:
  ///   - duration: For how long to try; `nil` for one try only.
  ///   - deadline: When to give up whatever else is allowed.
  init(for duration: Duration?, until deadline: Deadline) {
    end = min(duration.map(Deadline.after) ?? .now, deadline)
  }

  /// When to try next; `nil` if there is no time left.
  mutating func next() -> Deadline? {
    let latest = end + (.zero - Self.lastTry)
    let now = Deadline.now
    guard now < latest else { return nil }
    defer { pause = min(pause * 2, Self.longest) }
    return min(now + pause, latest)
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
