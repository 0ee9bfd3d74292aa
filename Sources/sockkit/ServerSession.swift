// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sockets

/// A server from its listeners to its end: what all commands that serve have in common.
struct ServerSession {
  let addressing: AddressingOptions
  let listening: ListeningOptions
  let backlog: Int?
  let reporter: Reporter

  /// Reports an address that cannot be bound while others are.
  var skipped: @Sendable (SystemError) -> Void {
    let reporter = reporter
    return { reporter.report(.attemptFailed($0)) }
  }

  /// Opens the listeners: those of each worker, on the same port.
  ///
  /// - Parameter isOnLoopback: Whether an endpoint without a host is the loopback.
  func open(
    _ endpoint: Endpoint, _ settings: ServerSettings, isOnLoopback: Bool = false
  ) throws -> [ListenerGroup] {
    try listening.check(endpoint)
    var binder = Binder(on: endpoint)
    binder.isOnLoopback = isOnLoopback
    binder.skipped = skipped
    binder.resolver = addressing.resolver
    binder.backlog = backlog ?? binder.backlog
    binder.settings.isPortReused = listening.reusePort
    // Answers are small and complete: none has to wait for the acknowledgement of another.
    binder.settings.isNoDelay = true
    return try ListenerGroupOpener(binder: binder, workers: settings.workers).open()
  }

  /// Serves until a signal ends it.
  ///
  /// - Parameter datagrams: The addresses at which the server takes datagrams, too.
  func run(_ listeners: [ListenerGroup], _ server: Server, beside datagrams: [Address] = []) throws {
    reporter.mayLose()
    let signals = try SignalQueue(Server.signals, for: server.settings.access)
    try listening.announce(listeners[0].locals, .stream, reporter)
    for local in datagrams { reporter.report(.listening(local, .datagram)) }
    try server.run(listeners, until: signals)
    signals.ignore()
  }
}
