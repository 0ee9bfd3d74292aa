// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import SystemPackage

/// The connections of an event loop whose long work other threads have done, and a bell for the loop to wait on.
final class FinishedWork: Sendable {
  private let connections = Mutex<[FileDescriptor]>([])
  private let bell: EventCounter

  /// - Throws: `EMFILE` and its like.
  init() throws(SystemError) { bell = try EventCounter() }

  /// The descriptor to wait on.
  var number: FileDescriptor { bell.number }

  /// Adds a connection.
  func add(_ connection: FileDescriptor) {
    connections.withLock { $0.append(connection) }
    bell.ring()
  }

  /// Takes the connections; one of them may have ended meanwhile, and another have its number.
  func take() -> [FileDescriptor] {
    bell.still()
    return connections.withLock { connections in
      defer { connections = [] }
      return connections
    }
  }
}
