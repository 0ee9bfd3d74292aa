// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Resets waiting clients once a server has lacked descriptors for a long time.
///
/// It reserves one descriptor, without which a client could be neither accepted nor reset.
final class LoadShedder {
  private let patience: Duration
  private var reserve: Descriptor?
  private var lullEnd = Deadline.now
  /// When waiting clients are reset; `never` while the server does not lack descriptors.
  private(set) var start = Deadline.never

  /// - Parameter patience: How long a client may wait for a descriptor.
  /// - Throws: `EMFILE` and similar errors.
  init(after patience: Duration) throws(IOFailure) {
    self.patience = patience
    reserve = try Descriptor.null()
  }

  /// The time without a shortage after which the next one counts as a new one.
  private static let lull = Duration.seconds(1)
  /// The time after which a failed reset is tried again.
  private static let pause = Duration.milliseconds(100)

  /// Notes that no descriptor is available for a client.
  func noteShortage() {
    if start == .never || lullEnd.hasPassed { start = .after(patience) }
    lullEnd = .after(Self.lull)
  }

  /// Notes that a client was accepted.
  func noteAccept() { start = .never }

  /// Accepts a client and resets it.
  ///
  /// - Returns: Its address; `nil` if none is waiting, or accepting failed.
  func reset(on listeners: ListenerGroup) -> Address? {
    reserve = nil
    defer { reserve = try? Descriptor.null() }
    do {
      guard let socket = try listeners.accept() else { return nil }
      try? socket.resetOnClose()
      return socket.remote
    } catch {
      // The reserved descriptor was taken by something else.
      start = .after(Self.pause)
      return nil
    }
  }
}
