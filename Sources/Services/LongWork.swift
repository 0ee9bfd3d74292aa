// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization

/// The end of a reply that takes so long to produce that other clients would have to wait; it is produced once, in any
/// thread.
package final class LongWork: Sendable, Equatable {
  private let make: @Sendable () -> [Response.Part]
  private let made = Guarded<[Response.Part]?>(nil)

  /// - Parameter make: Produces the parts of the reply.
  package init(_ make: @escaping @Sendable () -> [Response.Part]) { self.make = make }

  /// Produces the parts.
  package func perform() {
    let parts = make()
    made.withLock { $0 = parts }
  }

  /// The parts; `nil` until they are produced.
  package var parts: [Response.Part]? { made.withLock { $0 } }

  /// Whether two references are to the same work.
  package static func == (left: LongWork, right: LongWork) -> Bool { left === right }
}
