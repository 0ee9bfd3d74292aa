// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// How a server makes itself known.
struct ListeningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the port number to this file once the socket is ready.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var portFile: String?

  @Flag(help: "Let other sockets share the port (SO_REUSEPORT).")
  var reusePort = false

  /// Refuses a file for the port of what has none.
  func check(_ endpoint: Endpoint) throws {
    if case .unix = endpoint, portFile != nil {
      throw ValidationError("--port-file: a Unix socket has no port")
    }
  }

  /// Reports the addresses at which connections or datagrams are taken by now, and writes the port that they share.
  func announce(_ locals: [Address], _ transport: Transport, _ reporter: Reporter) throws(Failure) {
    if let portFile, let port = locals.first?.port { try PortFile(path: portFile).write(port) }
    for local in locals { reporter.report(.listening(local, transport)) }
  }
}
