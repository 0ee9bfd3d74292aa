// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
package import Sockets

/// How a session listens, and announces its port.
package struct ListeningSettings: Sendable {
  /// How names are looked up.
  package var resolver = Resolver()
  /// The most connections that wait to be accepted; `nil` for what the system allows.
  package var backlog: Int?
  /// Whether other sockets may share the port (`SO_REUSEPORT`).
  package var isPortReused = false
  /// The file to write the port to; `nil` for none.
  package var portFile: String?

  /// Creates the usual settings.
  package init() {}

  /// What binds an endpoint under these settings; addresses that cannot be bound while others are, are reported.
  func binder(on endpoint: Endpoint, _ observer: any SessionObserver) -> Binder {
    var binder = Binder(on: endpoint)
    binder.resolver = resolver
    binder.backlog = backlog ?? binder.backlog
    binder.settings.isPortReused = isPortReused
    binder.skipped = { observer.report(.attemptFailed($0)) }
    return binder
  }

  /// Writes the port file, and reports the addresses that are listened on.
  func announce(
    _ locals: [Address], _ type: SocketType, _ observer: any SessionObserver
  ) throws(Failure) {
    if let portFile, let port = locals.first?.port { try PortFile(path: portFile).write(port) }
    for local in locals { observer.report(.listening(local, type)) }
  }

  /// Opens the listeners of each worker, on the same port.
  func open(_ binder: Binder, workers: Int) throws(Failure) -> [ListenerGroup] {
    guard workers > 1 else { return [try binder.listen()] }
    // Listeners that share a port would share it with another server too. One that does not share finds out whether there
    // is one.
    let exclusive = try binder.listen()
    exclusive.close()
    var sharing = binder
    sharing.settings.isPortReused = true
    var groups: [ListenerGroup] = []
    for _ in 0..<workers { groups.append(try sharing.listen(on: exclusive.locals)) }
    return groups
  }
}
