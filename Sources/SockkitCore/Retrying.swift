// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// When a peer that is not there yet is tried again: after pauses of which each is twice as long as the one before,
/// up to half a second, and a last time shortly before the time is over.
package struct Retrying {
  /// By when the last try has to be over.
  package let end: Deadline
  private var pause = Duration.milliseconds(50)
  private static let longest = Duration.milliseconds(500)
  /// The time that is kept for the last try.
  private static let lastTry = Duration.milliseconds(50)

  /// Begins now.
  ///
  /// - Parameters:
  ///   - duration: For how long to try; `nil` for one try only.
  ///   - deadline: When to give up whatever else is allowed.
  package init(for duration: Duration?, until deadline: Deadline) {
    end = min(duration.map(Deadline.after) ?? .now, deadline)
  }

  /// When to try next; `nil` if there is no time left.
  package mutating func next() -> Deadline? {
    let latest = end + (.zero - Self.lastTry)
    let now = Deadline.now
    guard now < latest else { return nil }
    defer { pause = min(pause * 2, Self.longest) }
    return min(now + pause, latest)
  }
}

extension SystemError {
  /// Whether a datagram was refused for a reason that may go away by itself.
  package var isPassingRefusal: Bool {
    if case .sendDatagram = operation { code.mayPass } else { false }
  }
}

extension ResolutionError {
  /// Whether the host may be found later: a name or an interface that is not known yet, or a resolver that does not answer.
  package var mayPass: Bool {
    switch reason {
    case .unknownHost, .zoneUnknown, .timedOut, .unavailable: true
    case .system(let code): code.mayPass || code.meansShortage
    case .otherFamily, .unknownService, .portOutOfRange, .zoneMissing, .lookupForbidden, .notPossible: false
    }
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
