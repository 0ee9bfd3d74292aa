// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets

/// How a server announces its port, and whether it shares the port.
struct ListeningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the port number to this file once the socket is ready.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var portFile: String?

  @Flag(help: "Let other sockets share the port (SO_REUSEPORT).")
  var reusePort = false

  /// Rejects a port file for a socket without a port.
  func check(_ endpoint: Endpoint) throws {
    if case .unix = endpoint, portFile != nil {
      throw ValidationError("--port-file: a Unix socket has no port")
    }
  }

  /// How to listen.
  ///
  /// - Parameter resolver: How names are looked up.
  func settings(_ resolver: Resolver, backlog: Int? = nil) -> ListeningSettings {
    var settings = ListeningSettings()
    settings.resolver = resolver
    settings.backlog = backlog
    settings.isPortReused = reusePort
    settings.portFile = portFile
    return settings
  }
}
