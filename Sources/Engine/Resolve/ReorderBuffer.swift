// SPDX-License-Identifier: GPL-3.0-or-later

/// The names that are under way, up to a number: they are looked up in any order, and their answers come out in the order in
/// which the names were given.
package struct ReorderBuffer {
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
  /// The request of the first slot.
  private var first = 0
  /// The request of the first slot that may be waiting.
  private var firstWaiting = 0

  /// Creates an empty buffer.
  package init(capacity: Int) { self.capacity = capacity }

  /// Whether another name may be admitted.
  package var hasRoom: Bool { slots.count < capacity }

  /// Whether nothing is under way.
  package var isEmpty: Bool { slots.isEmpty }

  /// Adds a name; one that is refused is finished at once.
  package mutating func admit(_ query: LookupQuery) {
    let refusal = query.refusal.map {
      HostAnswer(query: query.text, result: .failure($0), duration: .zero)
    }
    slots.append(Slot(query: query, state: refusal.map { .finished($0) } ?? .waiting))
  }

  /// The next name to look up, with the number of its request.
  package mutating func startNext() -> (requestID: Int, query: String)? {
    while firstWaiting - first < slots.count {
      let requestID = firstWaiting
      firstWaiting += 1
      guard case .waiting = slots[requestID - first].state else { continue }
      slots[requestID - first].state = .running
      return (requestID, slots[requestID - first].query.text)
    }
    return nil
  }

  /// Has a name that was started wait again.
  package mutating func restart(_ requestID: Int) {
    slots[requestID - first].state = .waiting
    firstWaiting = min(firstWaiting, requestID)
  }

  /// Takes the answer to a name that was started.
  package mutating func finish(_ requestID: Int, _ answer: HostAnswer) {
    slots[requestID - first].state = .finished(answer)
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
