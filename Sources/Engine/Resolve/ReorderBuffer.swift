// SPDX-License-Identifier: GPL-3.0-or-later

/// A limited number of names in progress: they are looked up in any order, and their answers are returned in the order
/// of the names.
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

  /// The maximum number of names in progress.
  package let capacity: Int
  private var slots: [Slot] = []
  /// The request ID of the first slot.
  private var first = 0
  /// The request ID of the first slot that may be waiting.
  private var firstWaiting = 0

  /// Creates an empty buffer.
  package init(capacity: Int) { self.capacity = capacity }

  /// Whether another name may be admitted.
  package var hasRoom: Bool { slots.count < capacity }

  /// Whether no name is in progress.
  package var isEmpty: Bool { slots.isEmpty }

  /// Adds a name; a refused one is finished at once.
  package mutating func admit(_ query: LookupQuery) {
    let refusal = query.refusal.map {
      HostAnswer(query: query.text, result: .failure($0), duration: .zero)
    }
    slots.append(Slot(query: query, state: refusal.map { .finished($0) } ?? .waiting))
  }

  /// The next name to look up, with its request ID.
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

  /// Returns a started name to the waiting ones.
  package mutating func restart(_ requestID: Int) {
    slots[requestID - first].state = .waiting
    firstWaiting = min(firstWaiting, requestID)
  }

  /// Stores the answer for a started name.
  package mutating func finish(_ requestID: Int, _ answer: HostAnswer) {
    slots[requestID - first].state = .finished(answer)
  }

  /// The next answer in order, if it is known.
  package mutating func takeNext() -> HostAnswer? {
    guard case .finished(let answer)? = slots.first?.state else { return nil }
    slots.removeFirst()
    first += 1
    firstWaiting = max(firstWaiting, first)
    return answer
  }
}
