// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// An answer that another thread makes: what is to be logged of it, once it is made.
final class HTTPLateAnswer: Sendable {
  private let start: Int
  private let made = Mutex<HTTPUnloggedAnswer?>(nil)

  /// - Parameter start: The length of what stands before it in the reply, in bytes.
  init(after start: Int) { self.start = start }

  /// The answer is made; it ends where it would if it were the whole reply.
  func note(_ answer: HTTPUnloggedAnswer) {
    made.withLock { [start] in
      $0 = answer
      $0?.end += start
    }
  }

  /// What is to be logged; `nil` until it is made.
  var answer: HTTPUnloggedAnswer? { made.withLock { $0 } }
}
