// SPDX-License-Identifier: GPL-3.0-or-later

/// The details that the kernel reports of received datagrams; each costs a little time per datagram.
package enum DatagramDetail: Comparable, Sendable {
  /// The bytes alone.
  case none
  /// The sender, too.
  case source
  /// The time of receipt and the destination, too.
  case everything
}

/// The details of a received datagram, besides its bytes.
package struct Datagram: Equatable, Sendable {
  /// The sender; `Address.unnamed` for a Unix socket without a name, which cannot be answered.
  package var source: Address
  /// The destination, which may be a group; the bound address of the socket if the kernel was not asked to report it.
  package var destination: Address
  /// Whether it was sent to a group or by broadcast.
  package var isToMany: Bool
  /// The time at which the kernel received it, in nanoseconds since 1970; `nil` if that was not requested.
  package var received: Int64?
  /// The number of bytes received.
  package var length: Int
  /// Whether the datagram was longer than the buffer; the rest is lost.
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

  /// The maximum length of a datagram in bytes: over IP the maximum packet size less the headers (RFC 768, RFC 8200);
  /// in the Unix domain the size of the receive buffer, and between virtual machines the largest packet.
  package static func maximumLength(over family: AddressFamily) -> Int {
    switch family {
    case .ipv4: 65_507
    case .ipv6: 65_527
    case .unix: 8 << 20
    case .vsock: 64 << 10
    }
  }
}
