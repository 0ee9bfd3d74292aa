// SPDX-License-Identifier: GPL-3.0-or-later

/// How a connection ends when it is closed.
package enum CloseRule: Equatable, Sendable {
  /// In order: the peer reads everything that was sent, and then end-of-stream.
  case orderly
  /// With a reset, which discards queued bytes: the peer must not take the end for an orderly one.
  case abort
}
