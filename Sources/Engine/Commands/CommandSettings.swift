// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
package import SystemPackage

/// What is run for a connection, and how it is treated.
package struct CommandSettings: Equatable, Sendable {
  /// What to run.
  package let invocation: Invocation
  /// How long a command may take to end when it is asked to, until it is killed.
  package var grace = Duration.seconds(5)
  /// How long a command may run; `nil` for as long as it likes.
  package var limit: Duration?

  /// Sets terms under which a command takes the time it needs.
  package init(_ invocation: Invocation) { self.invocation = invocation }

  /// Starts a command that has a connection for its standard input and output.
  ///
  /// - Throws: `.run`, with what keeps it from being started; the connection is as it was but for its blocking mode.
  package func start(on socket: borrowing StreamSocket) throws(SystemError) -> RunningCommand {
    try socket.makeBlocking()
    // How the connection ends is the command's affair from here on.
    try socket.allowOrderlyClose()
    do throws(SystemError) {
      return try start(for: socket, on: socket.number)
    } catch {
      try? socket.resetOnClose()
      throw error
    }
  }

  /// Starts a command for a connection that reads and writes something else.
  ///
  /// - Parameter isHeard: Whether what it writes goes there, or nowhere.
  package func start(
    for socket: borrowing StreamSocket, on stream: FileDescriptor, isHeard: Bool = true
  ) throws(SystemError) -> RunningCommand {
    let environment = CommandEnvironment(
      local: socket.local, remote: socket.remote,
      peer: socket.family == .unix ? PeerProcess(at: socket.number) : nil,
      own: PeerProcess(identifier: Int(getpid()), user: getuid(), group: getgid()))
    return try RunningCommand(invocation, environment, on: stream, isHeard: isHeard, grace: grace)
  }
}
