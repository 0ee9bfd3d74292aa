// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// Opens the listeners of a server: a group for each worker, on the same port.
struct ListenerGroupOpener {
  /// Binds the listeners.
  let binder: Binder
  /// How many groups there are to be.
  let workers: Int

  /// Opens the listeners.
  func open() throws -> [ListenerGroup] {
    if case .unix = binder.endpoint, workers > 1 {
      throw ValidationError("--workers: a Unix socket has one listener only")
    }
    guard workers > 1 else { return [try binder.listen()] }
    // Listeners that share a port would share it with another server too: that there is none, a listener finds out
    // that does not share.
    let exclusive = try binder.listen()
    exclusive.close()
    var sharing = binder
    sharing.settings.isPortReused = true
    return try (0..<workers).map { _ in try sharing.listen(on: exclusive.locals) }
  }
}
