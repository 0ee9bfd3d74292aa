// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// An answer in a reply that is being sent; it is logged once it is known how much of it was sent, and when.
struct HTTPUnloggedAnswer: Sendable {
  /// The log entry, as if all of the answer were sent at once.
  let access: AccessLogEntry
  /// When the request began; `nil` if there was none.
  let start: Deadline?
  /// The length of the reply up to the end of this answer, in bytes.
  var end: Int

  /// Completes the log entry.
  ///
  /// - Parameter count: The number of bytes of the reply that were sent.
  func access(sent count: Int) -> AccessLogEntry {
    var access = access
    access.bytes = min(access.bytes, max(0, count - (end - access.bytes)))
    access.duration = start.map { $0.duration(until: .now) } ?? .zero
    return access
  }
}
