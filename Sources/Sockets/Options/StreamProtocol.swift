// SPDX-License-Identifier: GPL-3.0-or-later

/// The protocol of a stream over IP.
package enum StreamProtocol: Equatable, Sendable {
  /// TCP.
  case tcp
  /// Multipath TCP (RFC 8684).
  case multipathTCP
  /// SCTP (RFC 9260), whose association is used as one stream.
  case sctp

  /// The protocol argument of `socket(2)`; 0 is the usual one of a type.
  var number: CInt {
    switch self {
    case .tcp: 0
    case .multipathTCP: Platform.multipathTCP
    case .sctp: Platform.sctp
    }
  }
}
