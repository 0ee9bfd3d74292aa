// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Glibc
import Sessions
import Sockets

extension SessionOutcome {
  /// Ends the program with the outcome of the session; returns if the session succeeded.
  func end() {
    switch self {
    case .exited(.success), .commandExited(0): return
    case .exited(let status): exit(status.rawValue)
    case .commandExited(let status): exit(status)
    case .killed(let signal): ProcessSignals.die(by: signal)
    }
  }
}
