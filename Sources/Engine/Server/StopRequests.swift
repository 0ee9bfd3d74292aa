// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets

/// Counts the requests to stop a server: after one it stops in order, after two at once.
struct StopRequests {
  private var count = 0

  /// The action that the received signals request.
  enum Answer {
    /// To continue.
    case goOn
    /// To stop accepting, and to let the open connections finish.
    case finish
    /// To end.
    case end
  }

  /// Reads the received signals. SIGCHLD requests nothing, and SIGHUP does not request the end if it rereads access
  /// lists. The first request is reported.
  mutating func take(from signals: borrowing SignalQueue, for policy: AccessPolicy) -> Answer {
    let before = count
    while let signal = signals.next() {
      guard signal != SIGCHLD, !policy.heed(signal) else { continue }
      if count == 0 {
        ServiceManager.current?.report(.stopping)
        policy.report(.stopping(because: signal))
      }
      count += 1
    }
    if count > 1 { return .end }
    return count > before ? .finish : .goOn
  }

  /// Whether a stop was requested.
  var isAny: Bool { count > 0 }
}
