// SPDX-License-Identifier: GPL-3.0-or-later

/// How much is still to be received, after which a connection is closed.
package enum ReceiveLimit: Equatable, Sendable {
  /// A number of bytes.
  case bytes(Int)
  /// A number of receives, each of one datagram, or of what has arrived of a stream, up to `packetSize`.
  case packets(Int)

  /// The maximum number of bytes of a stream that count as one packet, as for `nc`.
  package static let packetSize = 16 << 10

  /// Whether nothing is left to receive.
  package var isReached: Bool {
    switch self {
    case .bytes(let count), .packets(let count): count <= 0
    }
  }

  /// The maximum number of bytes of the next receive.
  var mostAtOnce: Int {
    switch self {
    case .bytes(let count): max(1, count)
    case .packets: Self.packetSize
    }
  }

  /// Whether receives are counted, so that each of them has to be a call of its own.
  var countsReceives: Bool {
    if case .packets = self { true } else { false }
  }

  /// Counts one receive.
  mutating func didReceive(_ count: Int) {
    switch self {
    case .bytes(let left): self = .bytes(left - count)
    case .packets(let left): self = .packets(left - 1)
    }
  }
}
