// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// When datagrams may be sent: one each interval, counted from a beginning so that delays do not add up.
package struct SendSchedule {
  private let interval: Duration?
  private var due = Deadline.now

  /// The most time that is made up for after a delay: more would be an unwanted burst.
  private static let longestArrear = Duration.milliseconds(10)

  /// - Parameter interval: The time from one datagram to the next; `nil` for no pause at all.
  package init(interval: Duration?) { self.interval = interval.flatMap { $0 > .zero ? $0 : nil } }

  /// How many may be sent at a moment.
  package func allowance(at moment: Deadline) -> Int {
    guard let interval else { return .max }
    let elapsed = due(at: moment, interval).nanoseconds(until: moment)
    return elapsed < 0 ? 0 : Int(elapsed / max(1, interval.nanosecondsClamped)) + 1
  }

  /// When the next one may be sent.
  package var next: Deadline { interval == nil ? .now : due }

  /// Takes note that some were sent at a moment.
  package mutating func sent(_ count: Int, at moment: Deadline) {
    guard let interval else { return }
    due = due(at: moment, interval) + interval * count
  }

  /// When the next one was due, seen from a moment: of an arrear only a little is made up for.
  private func due(at moment: Deadline, _ interval: Duration) -> Deadline {
    let arrear = interval < Self.longestArrear ? Self.longestArrear - interval : .zero
    return max(due, moment + (.zero - arrear))
  }
}
