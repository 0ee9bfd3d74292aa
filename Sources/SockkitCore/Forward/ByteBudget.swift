// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// How many bytes may pass at a moment, so that no more than so many a second do.
package struct ByteBudget {
  private let nanosecondsPerByte: Double
  /// For how long before a moment what was not used may still be: a burst that nobody notices, and room for delays.
  private let memory: Duration
  private let rest: Duration
  /// The moment up to which everything is used.
  private var used = Deadline.now

  private static let usualMemory = Duration.milliseconds(200)
  private static let usualRest = Duration.milliseconds(50)

  /// - Parameter rate: Bytes a second, at least one.
  package init(rate: Int) {
    nanosecondsPerByte = 1e9 / Double(rate)
    let byteTime = Duration.nanoseconds(Int64(nanosecondsPerByte.rounded(.up)))
    memory = max(Self.usualMemory, byteTime)
    rest = max(Self.usualRest, byteTime)
    used = used + (.zero - memory)
  }

  /// How many bytes may pass at a moment.
  package func allowance(at moment: Deadline) -> Int {
    let time = Double(beginning(at: moment).nanoseconds(until: moment))
    return max(0, Int((time / nanosecondsPerByte).rounded(.down)))
  }

  /// When to look again once nothing more may pass: a while later, so that bytes do not pass one by one.
  package var nextLook: Deadline { used + rest }

  /// Takes note that bytes passed at a moment.
  package mutating func spend(_ count: Int, at moment: Deadline) {
    used = beginning(at: moment) + .nanoseconds(Int64((Double(count) * nanosecondsPerByte).rounded(.up)))
  }

  private func beginning(at moment: Deadline) -> Deadline { max(used, moment + (.zero - memory)) }
}
