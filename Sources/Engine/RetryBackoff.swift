// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// The moments at which a peer that is not there yet is tried again: after pauses of which each is twice as long as the
/// one before, up to half a second, and a last time shortly before the time is over.
///
/// The pauses are slept through: a command that tries again leaves signals their default action, and waits for nothing else.
package struct RetryBackoff {
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
  package var isTransientRefusal: Bool {
    if case .sendDatagram = operation { code.isTransient } else { false }
  }
}

extension ResolutionError {
  /// Whether the host may be found later: a name or an interface that is not known yet, or a resolver that does not answer.
  package var isTransient: Bool {
    switch reason {
    case .unknownHost, .zoneUnknown, .timedOut, .unavailable: true
    case .system(let code): code.isTransient || code.meansShortage
    case .otherFamily, .unknownService, .portOutOfRange, .zoneMissing, .lookupForbidden, .notPossible: false
    }
  }
}

extension Errno {
  /// Whether the reason not to connect may go away by itself: no program listens yet, or the network is not there yet.
  var isTransient: Bool {
    [
      .connectionRefused, .noRouteToHost, .networkUnreachable, .networkDown, .hostIsDown, .timedOut,
      .noSuchFileOrDirectory,
    ].contains(self)
  }
}
