// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import SystemPackage

/// The times at which connecting to an unavailable peer is retried: after pauses that double up to half a second, and a
/// last time shortly before the time is over.
///
/// The caller sleeps through the pauses: while a command retries, signals keep their default action, and there is
/// nothing else to wait for.
package struct RetryBackoff {
  /// When the last try must be over.
  package let end: Deadline
  private var pause = Duration.milliseconds(50)
  private static let longest = Duration.milliseconds(500)
  /// The time reserved for the last try.
  private static let lastTry = Duration.milliseconds(50)

  /// Starts now.
  ///
  /// - Parameters:
  ///   - duration: How long to retry; `nil` for one try only.
  ///   - deadline: When to give up in any case.
  package init(for duration: Duration?, until deadline: Deadline) {
    end = min(duration.map(Deadline.after) ?? .now, deadline)
  }

  /// When to try next; `nil` if no time is left.
  package mutating func next() -> Deadline? {
    let latest = end + (.zero - Self.lastTry)
    let now = Deadline.now
    guard now < latest else { return nil }
    defer { pause = min(pause * 2, Self.longest) }
    return min(now + pause, latest)
  }
}

extension IOFailure {
  /// Whether a datagram was refused for a reason that may be transient.
  package var isTransientRefusal: Bool {
    if case .sendDatagram = operation { code.isTransient } else { false }
  }
}

extension ResolutionError {
  /// Whether a later look-up may succeed: the name or interface is unknown so far, or the resolver does not answer.
  package var isTransient: Bool {
    switch reason {
    case .unknownHost, .zoneUnknown, .timedOut, .unavailable: true
    case .system(let code): code.isTransient || code.meansShortage
    case .otherFamily, .unknownService, .portWithProtocol, .portOutOfRange, .zoneMissing, .lookupForbidden,
      .notPossible:
      false
    }
  }
}

extension Errno {
  /// Whether the reason for not connecting may be transient: no program is listening yet, or the network is not
  /// available yet.
  var isTransient: Bool {
    [
      .connectionRefused, .noRouteToHost, .networkUnreachable, .networkDown, .hostIsDown, .timedOut,
      .noSuchFileOrDirectory,
    ].contains(self)
  }
}
