// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets

/// Whether to let bytes gather in a socket before they are taken: worth it while many come fast, because each
/// wait and each move then serves more of them.
///
/// What has gathered is taken after a millisecond at the latest, and a wait that runs out ends the gathering:
/// a peer that waits for an answer to its bytes is not made to wait again.
package struct ReceiveCoalescing {
  /// How many bytes to wait for.
  package static let amount = 256 << 10
  private static let patience = Duration.milliseconds(1)
  /// A piece so large that it must be part of a fast stream, and how many in a row are taken for one.
  private static let largePiece = 32 << 10
  private static let streak = 16

  /// Whether to wait for more than the first byte.
  package private(set) var isOn = false
  /// When to take what has gathered, whether or not it is enough.
  package private(set) var deadline = Deadline.never
  private var largePieces = 0
  private var hasRunOut = false

  /// Creates the state before anything was read: off.
  package init() {}

  /// A wait for bytes begins, or goes on.
  package mutating func willWait() {
    if isOn, deadline == .never { deadline = .after(Self.patience) }
  }

  /// Notes the time during a wait.
  ///
  /// - Returns: Whether the wait has lasted long enough.
  package mutating func isDue(at now: Deadline) -> Bool {
    guard deadline <= now else { return false }
    deadline = .never
    hasRunOut = true
    return true
  }

  /// A wait found enough bytes, or the end of them.
  package mutating func didWait() { deadline = .never }

  /// Bytes were taken; none, if the source had none after all.
  ///
  /// - Returns: Whether gathering has been turned on or off by that.
  package mutating func didTake(_ count: Int) -> Bool {
    let wasOn = isOn
    largePieces = count < Self.largePiece || hasRunOut ? 0 : largePieces + 1
    isOn = wasOn ? !hasRunOut : largePieces >= Self.streak
    hasRunOut = false
    deadline = .never
    return isOn != wasOn
  }
}
