// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// Resets waiting clients once a server has been short of descriptors for so long that they wait in vain.
///
/// It keeps a descriptor in reserve, without which a client could be neither accepted nor reset.
final class LoadShedder {
  private let patience: Duration
  private var reserve: Descriptor?
  private var lullEnd = Deadline.now
  /// When waiting clients are reset; `never` while the server is not short of descriptors.
  private(set) var start = Deadline.never

  /// - Parameter patience: How long a client may wait for a descriptor.
  /// - Throws: `EMFILE` and its like.
  init(after patience: Duration) throws(SystemError) {
    self.patience = patience
    reserve = try Descriptor.null()
  }

  /// After how long without it the next shortage is another one.
  private static let lull = Duration.seconds(1)
  /// How long it is before a reset that has failed is tried again.
  private static let pause = Duration.milliseconds(100)

  /// Notes that there is no descriptor for a client.
  func noteShortage() {
    if start == .never || lullEnd.hasPassed { start = .after(patience) }
    lullEnd = .after(Self.lull)
  }

  /// Notes that a client was accepted.
  func noteAccept() { start = .never }

  /// Accepts a client and resets it.
  ///
  /// - Returns: Its address; `nil` if none waits, or even this failed.
  func reset(on listeners: ListenerGroup) -> Address? {
    reserve = nil
    defer { reserve = try? Descriptor.null() }
    do {
      guard let socket = try listeners.accept() else { return nil }
      try? socket.resetOnClose()
      return socket.remote
    } catch {
      // The descriptor was taken by something else.
      start = .after(Self.pause)
      return nil
    }
  }
}
