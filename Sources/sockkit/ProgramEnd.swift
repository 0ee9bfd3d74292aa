// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sessions
import Sockets

extension SessionOutcome {
  /// Ends the program as the session has ended; returns if everything was done.
  func end() {
    switch self {
    case .exited(.success), .commandExited(0): return
    case .exited(let status): exit(status.rawValue)
    case .commandExited(let status): exit(status)
    case .killed(let signal): ProcessSignals.die(by: signal)
    }
  }
}
