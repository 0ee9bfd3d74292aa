// SPDX-License-Identifier: GPL-3.0-or-later

/// What the kernel is asked to tell of received datagrams; each costs a little, a datagram.
package enum DatagramDetail: Comparable, Sendable {
  /// The bytes alone.
  case none
  /// Who sent it, too.
  case source
  /// When it was received and where it was sent to, too.
  case everything
}

/// What is known of a datagram that was received, beside its bytes.
package struct Datagram: Equatable, Sendable {
  /// Who sent it; `Address.unnamed` for a Unix socket without a name, which cannot be answered.
  package var source: Address
  /// Where it was sent to, which may be a group; where the kernel was not asked, what the socket is bound to.
  package var destination: Address
  /// Whether it was sent to a group or to all of a network.
  package var isToMany: Bool
  /// When the kernel received it, in nanoseconds since 1970; `nil` where that was not asked for.
  package var received: Int64?
  /// The bytes that were received.
  package var length: Int
  /// Whether there was more than there was room for, which is lost.
  package var isTruncated: Bool

  /// Describes a datagram.
  package init(
    source: Address, destination: Address = .unnamed, isToMany: Bool = false, received: Int64? = nil,
    length: Int,
    isTruncated: Bool = false
  ) {
    self.source = source
    self.destination = destination
    self.isToMany = isToMany
    self.received = received
    self.length = length
    self.isTruncated = isTruncated
  }

  /// The most bytes that fit into one datagram: over IP what 16 bits can say of a packet, less the headers
  /// (RFC 768, RFC 8200); in the Unix domain what is kept ready for one.
  package static func maximumLength(over family: AddressFamily) -> Int {
    switch family {
    case .ipv4: 65_507
    case .ipv6: 65_527
    case .unix: 8 << 20
    }
  }
}
