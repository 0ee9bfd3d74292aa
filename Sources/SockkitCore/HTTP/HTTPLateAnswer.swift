// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// An answer that another thread makes: what is to be logged of it, once it is made.
final class HTTPLateAnswer: Sendable {
  private let start: Int
  private let made = Mutex<(access: HTTPAccess, count: Int)?>(nil)

  /// - Parameter start: The length of what stands before it in the reply, in bytes.
  init(after start: Int) { self.start = start }

  /// The answer is made, and has this length in bytes.
  func note(_ access: HTTPAccess, count: Int) { made.withLock { $0 = (access, count) } }

  /// What is to be logged, and where the answer ends in the reply; `nil` until it is made.
  var entry: (access: HTTPAccess, end: Int)? {
    made.withLock { [start] in $0.map { ($0.access, start + $0.count) } }
  }
}
