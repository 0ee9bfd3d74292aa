// SPDX-License-Identifier: GPL-3.0-or-later

/// The direction of bytes.
package enum TrafficDirection: String, Sendable {
  /// To the peer.
  case sent
  /// From the peer.
  case received

  /// The mark in a dump: an outward or inward arrow.
  var mark: UInt8 { self == .sent ? UInt8(ascii: ">") : UInt8(ascii: "<") }
}
