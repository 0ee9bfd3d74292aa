// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
package import SystemPackage

/// The command to run for a connection, and its time limits.
package struct CommandSettings: Sendable {
  /// The command to run.
  package let command: Command
  /// The names of the variables that describe the connection.
  package var naming = CommandEnvironment.Naming.own
  /// The time that a command has to end after a request, until it is killed.
  package var grace = Duration.seconds(5)
  /// What starts the command; `nil` if this process does.
  package var spawner: CommandSpawner?
  /// The longest time that a command may run; `nil` for no limit.
  package var limit: Duration?

  /// Creates settings without a limit.
  package init(_ command: Command) { self.command = command }

  /// Starts a command with a connection as its standard input and output.
  ///
  /// - Throws: `.run`, with the error that keeps it from being started; the connection is then unchanged except for its
  ///   blocking mode.
  package func start(on socket: borrowing StreamSocket) throws(IOFailure) -> RunningCommand {
    try socket.makeBlocking()
    // From here on the command determines how the connection ends.
    try socket.setCloseRule(.orderly)
    do throws(IOFailure) {
      return try start(
        with: CommandEnvironment(
          of: socket.descriptor, local: socket.local, remote: socket.remote, naming: naming),
        on: socket.descriptor)
    } catch {
      try? socket.setCloseRule(.abort)
      throw error
    }
  }

  /// Starts a command for the connection that an environment describes, with a stream as its standard input and output.
  ///
  /// - Parameter isHeard: Whether its output goes to the stream; otherwise it is discarded.
  package func start(
    with environment: CommandEnvironment, on stream: FileDescriptor, isHeard: Bool = true
  ) throws(IOFailure) -> RunningCommand {
    try RunningCommand(self, environment, on: stream, isHeard: isHeard)
  }
}
