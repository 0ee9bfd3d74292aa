// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
import Glibc
package import Sockets
package import SystemPackage

/// What a session does with a connection, whichever side opened it.
package struct StreamInvocation: Sendable {
  /// The descriptor of standard input.
  package var input = FileDescriptor.standardInput
  /// The descriptor of standard output, which the session closes at its end.
  package var output = FileDescriptor.standardOutput
  /// How the stream of the connection is made.
  package var layers = StreamLayers()
  /// Whether the connection leads through a proxy.
  package var isProxied = false
  /// The files of the stream's protection that SIGHUP reloads; `nil` for none.
  var reload: ReloadedFiles?
  /// The files that are opened while the connection is relayed, beside those of the filters.
  package var files = NeededFiles()
  /// The socket options.
  package var settings = SocketSettings()
  /// How the ends of the two streams are handled.
  package var policy = RelayPolicy()
  /// The time limits.
  package var limits = TimeLimits()
  /// The filters of the transferred bytes.
  package var filters = FilterSettings()
  /// Whether statistics are reported at the end.
  package var reportsStatistics = false
  /// Whether the progress is shown.
  package var showsProgress = false
  /// How the session interacts with a person at a terminal.
  package var interaction = Interaction()
  /// The command that uses the connection; `nil` for the standard streams.
  package var command: Command?
  /// What starts the command; `nil` if this process does.
  var spawner: CommandSpawner?
  /// Whether reports name peers, which are looked up then.
  package var namesPeers = false
  /// The names of the variables that describe the connection to the command.
  package var commandVariables = CommandEnvironment.Naming.own
  /// Whether the descriptor of the connection is passed on over standard output, a Unix socket, instead of being relayed.
  package var passesDescriptor = false
  /// The time that a command, or the clients of a hub, have to end; `nil` for the default.
  package var grace: Duration?

  /// Creates an invocation with the default settings.
  package init() {}

  /// The signals that end a session.
  package static let endingSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
}
