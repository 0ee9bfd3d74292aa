// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import LineEditing
import Sockets

extension LineEditor {
  /// The signals to collect while lines are edited: those of a terminal that do not end the program, and all that do,
  /// because the terminal has to be restored first.
  static var signals: [CInt] { ProcessSignals.ending + [SIGTSTP, SIGCONT, SIGWINCH] }

  /// Stops the program with the terminal restored, shows the line again, or adapts it to the size of the screen.
  ///
  /// - Returns: Whether the signal was one of these.
  func heeds(_ signal: CInt) -> Bool {
    switch signal {
    case SIGTSTP: pause { ProcessSignals.stop(by: signal) }
    case SIGCONT: resume()
    case SIGWINCH: resize()
    default: return false
    }
    return true
  }
}
