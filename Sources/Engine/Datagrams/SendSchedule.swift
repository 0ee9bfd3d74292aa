// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// The times at which datagrams may be sent: one per interval, counted from a start so that delays do not accumulate.
package struct SendSchedule {
  private let interval: Duration?
  private var due = Deadline.now

  /// The longest delay that is made up for: more would be an unwanted burst.
  private static let longestArrear = Duration.milliseconds(10)

  /// - Parameter interval: The time from one datagram to the next; `nil` for no pause at all.
  package init(interval: Duration?) { self.interval = interval.flatMap { $0 > .zero ? $0 : nil } }

  /// The number of datagrams that may be sent at a given time.
  package func allowance(at moment: Deadline) -> Int {
    guard let interval else { return .max }
    let elapsed = due(at: moment, interval).nanoseconds(until: moment)
    return elapsed < 0 ? 0 : Int(elapsed / max(1, interval.nanosecondsClamped)) + 1
  }

  /// When the next one may be sent.
  package var next: Deadline { interval == nil ? .now : due }

  /// Notes that datagrams were sent at a given time.
  package mutating func sent(_ count: Int, at moment: Deadline) {
    guard let interval else { return }
    due = due(at: moment, interval) + interval * count
  }

  /// When the next one was due, as seen at a given time: only a short delay is made up for.
  private func due(at moment: Deadline, _ interval: Duration) -> Deadline {
    let arrear = interval < Self.longestArrear ? Self.longestArrear - interval : .zero
    return max(due, moment + (.zero - arrear))
  }
}
