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

  /// The session succeeded.
  package static let success = SessionOutcome.exited(.success)

  /// Creates the outcome of a failed system call. If the reader of standard output has closed it, the program ends by
  /// SIGPIPE, like every program of a pipeline.
  ///
  /// - Throws: Any other failure.
  package init(of error: IOFailure) throws(Failure) {
    guard error == IOFailure(.write("standard output"), .brokenPipe) else { throw Failure(error) }
    self = .killed(by: SIGPIPE)
  }
}
