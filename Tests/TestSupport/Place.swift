// SPDX-License-Identifier: GPL-3.0-or-later

/// The address of a peer that does not report the port that the kernel assigned: on a random loopback address.
public struct Place: Sendable {
  /// The loopback address.
  public let host =
    "127.\(UInt8.random(in: 1...254)).\(UInt8.random(in: 1...254)).\(UInt8.random(in: 1...254))"
  /// The port.
  public let port = UInt16.random(in: 20_000..<30_000)

  /// Chooses a place.
  public init() {}
}
