// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Glibc
package import Sockets
import SystemPackage

/// How a session that has not failed ends the program.
package enum SessionOutcome: Equatable, Sendable {
  /// With a status of its own.
  case exited(ExitStatus)
  /// With the status of a command, as a shell shows it.
  case commandExited(CInt)
  /// By a signal, so that the program's parent sees that signal.
  case killed(by: CInt)

  /// Everything was done.
  package static let success = SessionOutcome.exited(.success)

  /// Judges a failed system call: a reader of standard output that has closed it ends the program by SIGPIPE, as every
  /// program of a pipeline does.
  ///
  /// - Throws: Any other failure.
  package init(of error: SystemError) throws(Failure) {
    guard error == SystemError(.write("standard output"), .brokenPipe) else { throw Failure(error) }
    self = .killed(by: SIGPIPE)
  }
}
