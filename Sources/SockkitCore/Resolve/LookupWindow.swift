// SPDX-License-Identifier: GPL-3.0-or-later

/// The names that are under way, in the order they were given, and so many of them at most: they may be looked
/// up in any order and come out in that one.
package struct LookupWindow {
  private enum State {
    case waiting
    case running
    case finished(HostAnswer)
  }

  private struct Slot {
    let query: LookupQuery
    var state: State
  }

  /// The most names that are under way.
  package let capacity: Int
  private var slots: [Slot] = []
  /// The ticket of the first slot.
  private var first = 0
  /// The ticket of the first slot that may be waiting.
  private var firstWaiting = 0

  /// Creates an empty window.
  package init(capacity: Int) { self.capacity = capacity }

  /// Whether another name may be admitted.
  package var hasRoom: Bool { slots.count < capacity }

  /// Whether nothing is under way.
  package var isEmpty: Bool { slots.isEmpty }

  /// Takes a name in; one that is refused is finished at once.
  package mutating func admit(_ query: LookupQuery) {
    let refusal = query.refusal.map {
      HostAnswer(query: query.text, result: .failure($0), duration: .zero)
    }
    slots.append(Slot(query: query, state: refusal.map { .finished($0) } ?? .waiting))
  }

  /// The next name to look up, with the ticket under which it is to be finished.
  package mutating func startNext() -> (ticket: Int, query: String)? {
    while firstWaiting - first < slots.count {
      let ticket = firstWaiting
      firstWaiting += 1
      guard case .waiting = slots[ticket - first].state else { continue }
      slots[ticket - first].state = .running
      return (ticket, slots[ticket - first].query.text)
    }
    return nil
  }

  /// Puts a name that was started back to those that wait.
  package mutating func restart(_ ticket: Int) {
    slots[ticket - first].state = .waiting
    firstWaiting = min(firstWaiting, ticket)
  }

  /// Takes what became of a name that was started.
  package mutating func finish(_ ticket: Int, _ answer: HostAnswer) {
    slots[ticket - first].state = .finished(answer)
  }

  /// The answer that is next in order, if it is there.
  package mutating func takeNext() -> HostAnswer? {
    guard case .finished(let answer)? = slots.first?.state else { return nil }
    slots.removeFirst()
    first += 1
    firstWaiting = max(firstWaiting, first)
    return answer
  }
}
