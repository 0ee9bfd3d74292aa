// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SockkitCore

/// A server from its listeners to its end: what all commands that serve have in common.
struct ServerSession {
  let addressing: AddressingOptions
  let listening: ListeningOptions
  let backlog: Int?
  let reporter: Reporter

  /// Opens the listeners: one for each worker, on the same port.
  func open(_ endpoint: Endpoint, _ settings: ServerSettings) throws -> [Door] {
    try listening.check(endpoint)
    var binder = Binder(on: endpoint)
    binder.resolver = addressing.resolver
    binder.backlog = backlog ?? binder.backlog
    binder.settings.isPortReused = listening.reusePort
    // Answers are small and complete: none has to wait for the acknowledgement of another.
    binder.settings.isNoDelay = true
    return try DoorOpener(binder: binder, workers: settings.workers).open()
  }

  /// Serves until a signal ends it.
  func run(_ doors: [Door], _ server: Server) throws {
    reporter.mayLose()
    let signals = try SignalQueue(Server.signals, for: server.settings.access)
    try listening.announce(doors[0].local, .stream, reporter)
    try server.run(doors, until: signals)
    signals.ignore()
  }
}
