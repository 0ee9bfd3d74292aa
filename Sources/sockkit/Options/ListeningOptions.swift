// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets

/// How a server announces its port, and whether it shares the port.
struct ListeningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write the port number to this file.", discussion: "It appears once the socket is ready.",
      valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var portFile: String?

  @Flag(help: "Let other sockets share the port (SO_REUSEPORT).")
  var reusePort = false

  @Flag(help: "Refuse a port with old connections in TIME_WAIT (SO_REUSEADDR off).")
  var noReuseAddress = false

  /// Rejects options about ports for a socket without a port.
  func check(_ endpoint: Endpoint) throws {
    guard case .unix = endpoint else { return }
    if portFile != nil { throw ValidationError("--port-file: a Unix socket has no port") }
    if noReuseAddress { throw ValidationError("--no-reuse-address: a Unix socket has no port") }
  }

  /// How to listen.
  ///
  /// - Parameter resolver: How names are looked up.
  func settings(_ resolver: Resolver, backlog: Int? = nil) -> ListeningSettings {
    var settings = ListeningSettings()
    settings.resolver = resolver
    settings.backlog = backlog
    settings.isPortReused = reusePort
    settings.isAddressReused = !noReuseAddress
    settings.portFile = portFile
    return settings
  }
}
