// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Synchronization
import SystemPackage

/// The maximum number of simultaneous connections, over all event loops of a server.
final class ConnectionLimit: Sendable {
  /// The maximum number of connections.
  let maximum: Int
  private let taken = Atomic(0)
  /// Whether several loops share the limit; each is notified only of the ends of its own connections.
  let isShared: Bool
  /// Whether the limit follows from the available descriptors rather than from an option.
  let isOfDescriptors: Bool

  /// - Parameters:
  ///   - limit: The maximum number of connections.
  ///   - loops: The number of loops that share it.
  ///   - isOfDescriptors: Whether the limit follows from the available descriptors.
  init(_ limit: Int, loops: Int = 1, isOfDescriptors: Bool = false) {
    maximum = limit
    self.isOfDescriptors = isOfDescriptors
    isShared = loops > 1
  }

  /// Takes a place for one connection.
  ///
  /// - Returns: Whether a place was available.
  func take() -> Bool {
    if taken.add(1, ordering: .relaxed).newValue <= maximum { return true }
    giveBack()
    return false
  }

  /// Returns the place of one connection.
  func giveBack() { taken.subtract(1, ordering: .relaxed) }

  /// The number of connections.
  var count: Int { taken.load(ordering: .relaxed) }

  /// Whether a place is available.
  var hasRoom: Bool { taken.load(ordering: .relaxed) < maximum }
}

/// Pauses work that fails for lack of descriptors, memory or processes, so that it is not retried in a busy loop, and
/// reports the failure once.
package struct ResourceBackoff {
  /// When to try again; in the past if nothing is lacking.
  package private(set) var end = Deadline.now
  private var lullEnd = Deadline.now

  /// The length of a pause.
  private static let pause = Duration.milliseconds(100)
  /// The time without a shortage after which the next one counts as a new one: under load, each resource that one
  /// client frees is taken by the next.
  private static let lull = Duration.seconds(1)

  /// Creates the initial state, without a failure.
  package init() {}

  /// Starts a pause, and reports the error unless one was reported recently.
  package mutating func begin(because error: IOFailure, report: (IOFailure) -> Void) {
    if lullEnd.hasPassed { report(error) }
    lullEnd = .after(Self.lull)
    end = .after(Self.pause)
  }
}

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
      try? socket.setCloseRule(.abort)
      return socket.remote
    } catch {
      // The reserved descriptor was taken by something else.
      start = .after(Self.pause)
      return nil
    }
  }
}
