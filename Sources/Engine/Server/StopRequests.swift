// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets

/// How often a server was asked to stop: once, and it does so in order; twice, and it does so at once.
struct StopRequests {
  private var count = 0

  /// What the signals that have come ask for.
  enum Answer {
    /// To go on as it does.
    case goOn
    /// To accept nothing more, and to let the connections finish that there are.
    case finish
    /// To end.
    case end
  }

  /// Takes the signals that have come; that a child has ended asks for nothing, and SIGHUP not for the end where it
  /// asks for lists to be read again.
  mutating func take(from signals: borrowing SignalQueue, for policy: AccessPolicy) -> Answer {
    let before = count
    while let signal = signals.next() {
      if signal != SIGCHLD, !policy.heed(signal) { count += 1 }
    }
    if count > 1 { return .end }
    return count > before ? .finish : .goOn
  }

  /// Whether it was asked.
  var isAny: Bool { count > 0 }
}
