// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization

/// The log entry of an answer that another thread produces, once it is produced.
final class HTTPLateAnswer: Sendable {
  private let start: Int
  private let made = Guarded<HTTPUnloggedAnswer?>(nil)

  /// - Parameter start: The number of bytes before it in the reply.
  init(after start: Int) { self.start = start }

  /// Notes the produced answer; its end is that of a reply without other answers.
  func note(_ answer: HTTPUnloggedAnswer) {
    made.withLock { [start] in
      $0 = answer
      $0?.end += start
    }
  }

  /// The log entry; `nil` until the answer is produced.
  var answer: HTTPUnloggedAnswer? { made.withLock { $0 } }
}
