// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// What takes so long to make that others would wait for it: the end of a reply, which is made once and in any
/// thread.
package final class LongWork: Sendable, Equatable {
  private let make: @Sendable () -> [Response.Part]
  private let made = Mutex<[Response.Part]?>(nil)

  /// - Parameter make: Makes the parts of the reply.
  package init(_ make: @escaping @Sendable () -> [Response.Part]) { self.make = make }

  /// Makes the parts.
  package func perform() {
    let parts = make()
    made.withLock { $0 = parts }
  }

  /// The parts; `nil` until they are made.
  package var parts: [Response.Part]? { made.withLock { $0 } }

  /// Whether two are the same one.
  package static func == (left: LongWork, right: LongWork) -> Bool { left === right }
}
