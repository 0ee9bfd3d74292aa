// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import SystemPackage

/// The long work of an event loop that other threads have done, and a descriptor for the loop to wait on.
final class FinishedWork: Sendable {
  private let works = Mutex<[LongWork]>([])
  private let bell: EventCounter

  /// - Throws: `EMFILE` and its like.
  init() throws(SystemError) { bell = try EventCounter() }

  /// The descriptor to wait on.
  var number: FileDescriptor { bell.number }

  /// Adds work that is done.
  func add(_ work: LongWork) {
    works.withLock { $0.append(work) }
    bell.ring()
  }

  /// Takes what was added.
  func take() -> [LongWork] {
    bell.still()
    return works.withLock { works in
      defer { works = [] }
      return works
    }
  }
}
