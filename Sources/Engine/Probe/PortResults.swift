// SPDX-License-Identifier: GPL-3.0-or-later

/// What was found out about ports in any order, and comes out in theirs.
struct PortResults {
  private var states: [PortState?]
  private var areFinal: Bool
  private var next = 0

  /// - Parameter areFinal: Whether a port that is not open is not tried again.
  init(count: Int, areFinal: Bool) {
    states = Array(repeating: nil, count: count)
    self.areFinal = areFinal
  }

  /// Takes what the last try at a port found out.
  ///
  /// - Parameter isCut: Whether the time was over in the middle of it, so that hearing nothing says less than how the
  ///   try before ended.
  mutating func settle(_ index: Int, _ state: PortState, isCut: Bool) {
    if isCut, state.status == .timedOut, states[index] != nil { return }
    states[index] = state
  }

  /// Takes note that nothing is tried again.
  mutating func finish() { areFinal = true }

  /// The state that is next in order, once it is certain.
  mutating func takeNext() -> PortState? {
    guard next < states.count, let state = states[next], areFinal || state.verdict == .open else {
      return nil
    }
    next += 1
    return state
  }

  /// Whether a port turned out to be open.
  func isOpen(_ index: Int) -> Bool { states[index]?.verdict == .open }

  /// Whether a port that has an address and is not open may be so later.
  func mayOpen(_ index: Int) -> Bool { states[index]?.reason?.isTransient ?? true }
}
