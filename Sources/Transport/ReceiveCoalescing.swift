// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Decides whether to let bytes accumulate in a socket before they are read. That is worthwhile while many arrive fast,
/// because each wait and each move then handles more of them.
///
/// Accumulated bytes are read after a millisecond at the latest, and a wait that times out turns coalescing off: a peer
/// that waits for an answer to its bytes is not delayed again.
package struct ReceiveCoalescing {
  /// The number of bytes to wait for.
  package static let amount = 256 << 10
  private static let patience = Duration.milliseconds(1)
  /// The size of a piece that must be part of a fast stream, and the number of such pieces in a row that indicate one.
  private static let largePiece = 32 << 10
  private static let streak = 16

  /// Whether to wait for more than the first byte.
  package private(set) var isOn = false
  /// When to read the accumulated bytes, whether or not they are enough.
  package private(set) var deadline = Deadline.never
  private var largePieces = 0
  private var hasRunOut = false

  /// Creates the initial state, off.
  package init() {}

  /// A wait for bytes starts or continues.
  package mutating func willWait() {
    if isOn, deadline == .never { deadline = .after(Self.patience) }
  }

  /// Notes the current time during a wait.
  ///
  /// - Returns: Whether the wait has lasted long enough.
  package mutating func isDue(at now: Deadline) -> Bool {
    guard deadline <= now else { return false }
    deadline = .never
    hasRunOut = true
    return true
  }

  /// A wait found enough bytes, or end-of-stream.
  package mutating func didWait() { deadline = .never }

  /// Bytes were read; 0 if the source had none after all.
  ///
  /// - Returns: Whether this has turned coalescing on or off.
  package mutating func didTake(_ count: Int) -> Bool {
    let wasOn = isOn
    largePieces = count < Self.largePiece || hasRunOut ? 0 : largePieces + 1
    isOn = wasOn ? !hasRunOut : largePieces >= Self.streak
    hasRunOut = false
    deadline = .never
    return isOn != wasOn
  }
}
