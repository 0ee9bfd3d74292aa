// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// A server from its listeners to its end: what all commands that serve have in common.
struct ServerSession {
  let addressing: AddressingOptions
  let listening: ListeningOptions
  let serving: ServerOptions
  let reporter: Reporter

  /// Opens the listeners: one for each worker, on the same port.
  func open(_ endpoint: Endpoint, _ settings: ServerSettings) throws -> [Door] {
    try listening.check(endpoint)
    if case .unix = endpoint, settings.workers > 1 {
      throw ValidationError("--workers: a Unix socket has one listener only")
    }
    var binder = Binder(on: endpoint)
    binder.resolver = addressing.resolver
    binder.backlog = serving.admitting.backlog ?? binder.backlog
    binder.settings.isPortReused = listening.reusePort
    // Answers are small and complete: none has to wait for the acknowledgement of another.
    binder.settings.isNoDelay = true
    guard settings.workers > 1 else { return [Door(try binder.listen())] }
    // Listeners that share a port would share it with another server too: that there is none, a listener finds out
    // that does not share.
    let place = try binder.listen().local
    binder.settings.isPortReused = true
    var doors: [Door] = []
    for _ in 0..<settings.workers { doors.append(Door(try binder.listen(on: place))) }
    return doors
  }

  /// The same endpoint on this machine alone, where it names no host.
  func onLoopback(_ endpoint: Endpoint) -> Endpoint {
    guard case .internet(nil, let port) = endpoint else { return endpoint }
    return .internet(host: addressing.family == .ipv6 ? "::1" : "127.0.0.1", port: port)
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
