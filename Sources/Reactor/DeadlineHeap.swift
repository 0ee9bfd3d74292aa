// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The deadlines of numbered members, the earliest first: a binary heap in which a member can be moved and removed.
///
/// The heap of swift-collections cannot remove an element from the middle, and a connection's deadline changes with
/// each byte.
struct DeadlineHeap {
  private struct Entry {
    var deadline: Deadline
    let member: Int
  }

  private var entries: [Entry] = []
  /// The position of each member in the heap; -1 for a member that is not in it.
  private var positions: [Int] = []

  /// The earliest deadline; `never` if there is none.
  var first: Deadline { entries.first?.deadline ?? .never }

  /// The member with the earliest deadline, if that has passed.
  func due(at now: Deadline) -> Int? {
    guard let entry = entries.first, entry.deadline <= now else { return nil }
    return entry.member
  }

  /// Sets or replaces the deadline of a member; `never` removes it.
  mutating func set(_ member: Int, to deadline: Deadline) {
    if member >= positions.count {
      guard deadline != .never else { return }
      positions.append(contentsOf: repeatElement(-1, count: member + 1 - positions.count))
    }
    let position = positions[member]
    if deadline == .never {
      if position >= 0 { remove(at: position) }
    } else if position >= 0 {
      entries[position].deadline = deadline
      settle(position)
    } else {
      entries.append(Entry(deadline: deadline, member: member))
      positions[member] = entries.count - 1
      settle(entries.count - 1)
    }
  }

  private mutating func remove(at position: Int) {
    positions[entries[position].member] = -1
    let last = entries.removeLast()
    guard position < entries.count else { return }
    entries[position] = last
    positions[last.member] = position
    settle(position)
  }

  /// Moves an entry up or down to its place.
  private mutating func settle(_ start: Int) {
    var position = start
    while position > 0, entries[position].deadline < entries[(position - 1) / 2].deadline {
      swap(position, (position - 1) / 2)
      position = (position - 1) / 2
    }
    while let child = earlierChild(of: position), entries[child].deadline < entries[position].deadline {
      swap(position, child)
      position = child
    }
  }

  private func earlierChild(of position: Int) -> Int? {
    let left = 2 * position + 1
    guard left < entries.count else { return nil }
    let right = left + 1
    return right < entries.count && entries[right].deadline < entries[left].deadline ? right : left
  }

  private mutating func swap(_ one: Int, _ other: Int) {
    entries.swapAt(one, other)
    positions[entries[one].member] = one
    positions[entries[other].member] = other
  }
}
