// SPDX-License-Identifier: GPL-3.0-or-later

import Services
import Sockets
import Synchronization
import SystemPackage

/// The long work of an event loop that other threads have finished, and a descriptor for the loop to wait on.
final class FinishedWork: Sendable {
  private let works = Guarded<[LongWork]>([])
  private let wakeup: EventCounter

  /// - Throws: `EMFILE` and similar errors.
  init() throws(IOFailure) { wakeup = try EventCounter() }

  /// The descriptor to wait on.
  var number: FileDescriptor { wakeup.number }

  /// Adds finished work.
  func add(_ work: LongWork) {
    works.withLock { $0.append(work) }
    wakeup.signal()
  }

  /// Removes and returns all finished work.
  func take() -> [LongWork] {
    wakeup.reset()
    return works.withLock { works in
      defer { works = [] }
      return works
    }
  }
}
