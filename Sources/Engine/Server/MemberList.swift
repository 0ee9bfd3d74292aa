// SPDX-License-Identifier: GPL-3.0-or-later

/// A member of a list from which members are removed in any order.
protocol ListMember: AnyObject {
  /// The index in its list; `nil` while it is in none. The list sets it.
  var index: Int? { get set }
}

/// The members of a loop; adding and removing one takes constant time.
struct MemberList<Member: ListMember> {
  /// All members.
  private(set) var all: [Member] = []

  /// Adds a member.
  mutating func add(_ member: Member) {
    member.index = all.count
    all.append(member)
  }

  /// Removes a member.
  ///
  /// - Returns: Whether it was in the list.
  @discardableResult
  mutating func remove(_ member: Member) -> Bool {
    guard let index = member.index else { return false }
    all.swapAt(index, all.count - 1)
    all[index].index = index
    all.removeLast()
    member.index = nil
    return true
  }
}
