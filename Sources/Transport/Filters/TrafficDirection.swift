// SPDX-License-Identifier: GPL-3.0-or-later

/// Which way bytes went.
package enum TrafficDirection: Sendable {
  /// To the peer.
  case sent
  /// From the peer.
  case received

  /// What stands for it in a dump: an arrow out, or in.
  var mark: UInt8 { self == .sent ? UInt8(ascii: ">") : UInt8(ascii: "<") }
}
