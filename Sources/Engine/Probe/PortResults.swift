// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// The results for ports, which become known in any order and are returned in that of the ports.
struct PortResults {
  private var states: [PortState?]
  private var areFinal: Bool
  private var next = 0

  /// - Parameter areFinal: Whether ports that are not open are not tried again.
  init(count: Int, areFinal: Bool) {
    states = Array(repeating: nil, count: count)
    self.areFinal = areFinal
  }

  /// Stores the result of the last try of a port.
  ///
  /// - Parameter isCut: Whether the time ran out during the try, so that a time-out counts less than the result of the
  ///   previous try.
  mutating func settle(_ index: Int, _ state: PortState, isCut: Bool) {
    if isCut, state.status == .timedOut, states[index] != nil { return }
    states[index] = state
  }

  /// Notes that no port is tried again.
  mutating func finish() { areFinal = true }

  /// The next state in order, once it is final.
  mutating func takeNext() -> PortState? {
    guard next < states.count, let state = states[next], areFinal || state.verdict == .open else {
      return nil
    }
    next += 1
    return state
  }

  /// Whether a port is open.
  func isOpen(_ index: Int) -> Bool { states[index]?.verdict == .open }

  /// Whether a port that is not open may be open later.
  func mayOpen(_ index: Int) -> Bool {
    guard let failure = states[index]?.handshakeFailure else {
      return states[index]?.reason?.isTransient ?? true
    }
    // What a peer has refused, or is refused for, does not change by itself.
    switch failure.reason {
    case .errno, .truncated, .unavailable: return true
    case .peerProtocol, .untrusted, .misnamed, .malformed, .missing: return false
    }
  }
}
