// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import LineEditing
import Sockets

extension LineEditor {
  /// The signals to collect while lines are edited: those of a terminal that end nothing, and all that do, because the
  /// terminal has to be given back first.
  static var signals: [CInt] { ProcessSignals.ending + [SIGTSTP, SIGCONT, SIGWINCH] }

  /// Stops the program with the terminal as it was, shows the line again, or fits it to the size of the screen.
  ///
  /// - Returns: Whether the signal was one for that.
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
